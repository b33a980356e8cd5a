[(class_declaration name: (_) @name body: (_) @body)
 (interface_declaration name: (_) @name body: (_) @body)
 (enum_declaration name: (_) @name body: (_) @body)
 (record_declaration name: (_) @name body: (_) @body)
 (annotation_type_declaration name: (_) @name body: (_) @body)] @class

(method_declaration name: (_) @name body: (_)? @body) @function

(constructor_declaration name: (_) @name body: (_) @body) @function

(field_declaration declarator: (variable_declarator name: (_) @name)) @value

(import_declaration) @import
