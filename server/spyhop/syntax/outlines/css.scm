[(rule_set (block) @body) (media_statement (block) @body) (supports_statement (block) @body)
 (keyframes_statement (keyframe_block_list) @body) (at_rule (block) @body)] @scope

(declaration (property_name) @name (#match? @name "^--")) @value

(import_statement) @import
