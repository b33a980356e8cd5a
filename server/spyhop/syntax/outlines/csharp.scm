[(class_declaration name: (_) @name body: (_) @body)
 (struct_declaration name: (_) @name body: (_) @body)
 (interface_declaration name: (_) @name body: (_) @body)
 (enum_declaration name: (_) @name body: (_) @body)
 (record_declaration name: (_) @name body: (_)? @body)] @class

(namespace_declaration body: (_) @body) @scope

[(method_declaration name: (_) @name body: (_)? @body)
 (constructor_declaration name: (_) @name body: (_)? @body)
 (local_function_statement name: (_) @name body: (_)? @body)] @function

[(property_declaration name: (_) @name)
 (field_declaration (variable_declaration (variable_declarator name: (_) @name)))
 (delegate_declaration name: (_) @name)] @value

(using_directive) @import
