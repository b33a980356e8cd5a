[(table) (table_array_element)] @scope
