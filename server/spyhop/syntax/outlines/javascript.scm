(class_declaration name: (_) @name body: (_) @body) @class

[(function_declaration name: (_) @name body: (_) @body)
 (generator_function_declaration name: (_) @name body: (_) @body)] @function

(method_definition name: (_) @name body: (_) @body) @function

(lexical_declaration (variable_declarator name: (identifier) @name
  value: [(arrow_function body: (statement_block) @body) (function_expression body: (_) @body)])) @function

(program [(lexical_declaration (variable_declarator name: (identifier) @name))
          (variable_declaration (variable_declarator name: (identifier) @name))] @value)

(program (export_statement
  declaration: (lexical_declaration (variable_declarator name: (identifier) @name)) @value))

(field_definition property: (_) @name) @value

(call_expression arguments: (arguments (string)
  [(arrow_function body: (statement_block) @body) (function_expression body: (_) @body)])) @scope

[(import_statement) (export_statement source: (_))] @import

(program (lexical_declaration (variable_declarator value: (call_expression
  function: (identifier) @called (#eq? @called "require")))) @import)
