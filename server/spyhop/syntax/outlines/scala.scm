[(class_definition name: (_) @name body: (_)? @body)
 (object_definition name: (_) @name body: (_)? @body)
 (trait_definition name: (_) @name body: (_)? @body)
 (enum_definition name: (_) @name body: (_)? @body)] @class

(extension_definition body: (_) @body) @scope

[(function_definition name: (_) @name body: (_) @body)
 (function_declaration name: (_) @name)] @function

[(compilation_unit (val_definition pattern: (identifier) @name) @value)
 (template_body [(val_definition pattern: (identifier) @name)
                 (var_definition pattern: (identifier) @name)] @value)]

(type_definition name: (_) @name) @value

(import_declaration) @import
