(class_declaration name: (_) @name [(class_body) (enum_class_body)]? @body) @class

(object_declaration name: (_) @name (class_body)? @body) @class

(companion_object (class_body) @body) @scope

(function_declaration name: (_) @name (function_body (block) @body)) @function

(function_declaration name: (_) @name) @function

[(source_file (property_declaration (variable_declaration (identifier) @name)) @value)
 (class_body (property_declaration (variable_declaration (identifier) @name)) @value)]

(type_alias type: (_) @name) @value

(import) @import
