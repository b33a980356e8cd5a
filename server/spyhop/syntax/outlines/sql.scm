(create_table (object_reference name: (_) @name) (column_definitions) @body) @class

(create_view (object_reference name: (_) @name)) @value

(create_function (object_reference name: (_) @name) (function_body) @body) @function
