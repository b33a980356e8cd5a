(element (start_tag) @head) @scope

(script_element (start_tag) @head) @scope
