[(struct_specifier name: (_) @name body: (_) @body)
 (union_specifier name: (_) @name body: (_) @body)
 (enum_specifier name: (_) @name body: (_) @body)] @class

(type_definition type: [(struct_specifier body: (_) @body) (union_specifier body: (_) @body)
                        (enum_specifier body: (_) @body)] declarator: (_) @name) @class

(type_definition declarator: (_) @name) @value

(function_definition
  declarator: [(function_declarator declarator: (_) @name)
               (pointer_declarator (function_declarator declarator: (_) @name))
               (pointer_declarator (pointer_declarator (function_declarator declarator: (_) @name)))]
  body: (_) @body) @function

(declaration
  declarator: [(function_declarator declarator: (identifier) @name)
               (pointer_declarator (function_declarator declarator: (identifier) @name))]) @function

(translation_unit (declaration
  declarator: [(init_declarator declarator: (_) @name) (identifier) @name (array_declarator) @name]) @value)

[(preproc_function_def name: (_) @name) (preproc_def name: (_) @name)] @value

(preproc_include) @import
