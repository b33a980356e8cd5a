[(class_declaration name: (_) @name body: (_) @body)
 (abstract_class_declaration name: (_) @name body: (_) @body)
 (interface_declaration name: (_) @name body: (_) @body)
 (enum_declaration name: (_) @name body: (_) @body)
 (internal_module name: (_) @name body: (_) @body)
 (module name: (_) @name body: (_) @body)] @class

[(function_declaration name: (_) @name body: (_) @body)
 (generator_function_declaration name: (_) @name body: (_) @body)
 (method_definition name: (_) @name body: (_) @body)] @function

[(function_signature name: (_) @name)
 (method_signature name: (_) @name)
 (abstract_method_signature name: (_) @name)] @function

(lexical_declaration (variable_declarator name: (identifier) @name
  value: [(arrow_function body: (statement_block) @body) (function_expression body: (_) @body)])) @function

(program [(lexical_declaration (variable_declarator name: (identifier) @name))
          (variable_declaration (variable_declarator name: (identifier) @name))] @value)

(program (export_statement
  declaration: (lexical_declaration (variable_declarator name: (identifier) @name)) @value))

[(type_alias_declaration name: (_) @name)
 (public_field_definition name: (_) @name)
 (property_signature name: (_) @name)] @value

(call_expression arguments: (arguments (string)
  [(arrow_function body: (statement_block) @body) (function_expression body: (_) @body)])) @scope

[(import_statement) (export_statement source: (_))] @import
