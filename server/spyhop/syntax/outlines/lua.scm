(function_declaration name: (_) @name body: (_)? @body) @function

(assignment_statement (variable_list name: (_) @name)
  (expression_list value: (function_definition body: (_)? @body))) @function

(chunk [(variable_declaration (assignment_statement (variable_list name: (identifier) @name)))
        (assignment_statement (variable_list name: (identifier) @name))] @value)

(chunk (variable_declaration (assignment_statement (expression_list value: (function_call
  name: (identifier) @called (#eq? @called "require"))))) @import)

(chunk (function_call name: (identifier) @called (#eq? @called "require")) @import)
