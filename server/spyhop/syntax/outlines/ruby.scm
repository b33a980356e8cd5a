[(class name: (_) @name body: (_) @body)
 (module name: (_) @name body: (_) @body)] @class

[(method name: (_) @name body: (body_statement) @body)
 (singleton_method name: (_) @name body: (body_statement) @body)] @function

[(method name: (_) @name) (singleton_method name: (_) @name)] @function

(assignment left: (constant) @name) @value

(call arguments: (_) block: (do_block body: (_) @body)) @scope

(call method: (identifier) @called (#any-of? @called "require" "require_relative" "load")) @import
