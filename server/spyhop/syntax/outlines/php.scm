[(class_declaration name: (_) @name body: (_) @body)
 (interface_declaration name: (_) @name body: (_) @body)
 (trait_declaration name: (_) @name body: (_) @body)
 (enum_declaration name: (_) @name body: (_) @body)] @class

(namespace_definition body: (_) @body) @scope

[(function_definition name: (_) @name body: (_) @body)
 (method_declaration name: (_) @name body: (_)? @body)] @function

[(const_declaration (const_element (name) @name))
 (property_declaration (property_element name: (_) @name))] @value

(namespace_use_declaration) @import

(program (expression_statement
  [(require_expression) (require_once_expression) (include_expression) (include_once_expression)]) @import)
