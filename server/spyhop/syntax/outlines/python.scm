(class_definition name: (_) @name body: (_) @body) @class

(function_definition name: (_) @name body: (_) @body) @function

(module (expression_statement (assignment left: (identifier) @name)) @value)

(class_definition body: (block (expression_statement (assignment left: (identifier) @name)) @value))

(type_alias_statement left: (_) @name) @value

[(import_statement) (import_from_statement) (future_import_statement)] @import
