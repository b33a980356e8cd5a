(function_definition name: (_) @name body: (_) @body) @function

(program (variable_assignment name: (_) @name) @value)

(program (declaration_command (variable_assignment name: (_) @name)) @value)

(command name: (_) @called (#any-of? @called "source" ".")) @import
