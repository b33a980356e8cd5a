[(struct_item name: (_) @name body: (field_declaration_list) @body)
 (enum_item name: (_) @name body: (_) @body)
 (union_item name: (_) @name body: (_) @body)
 (trait_item name: (_) @name body: (_) @body)
 (mod_item name: (_) @name body: (_) @body)] @class

(struct_item name: (_) @name) @class

(impl_item body: (_) @body) @scope

(function_item name: (_) @name body: (_) @body) @function

[(function_signature_item name: (_) @name) (macro_definition name: (_) @name)] @function

[(const_item name: (_) @name) (static_item name: (_) @name) (type_item name: (_) @name)] @value

[(use_declaration) (extern_crate_declaration)] @import
