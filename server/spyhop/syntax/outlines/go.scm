(type_spec name: (_) @name type: [(struct_type (field_declaration_list) @body) (interface_type) @body]) @class

(type_spec name: (_) @name) @value

[(function_declaration name: (_) @name body: (_)? @body)
 (method_declaration name: (_) @name body: (_)? @body)] @function

(source_file [(const_declaration (const_spec name: (_) @name) @value)
              (var_declaration (var_spec name: (_) @name) @value)
              (var_declaration (var_spec_list (var_spec name: (_) @name) @value))])

(import_declaration) @import
