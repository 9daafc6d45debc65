-- What defines each object of the databases: its kind and name, a tab, and the SHA-256 of its
-- definition. The same statements are executed by the server and by what was restored.
SET SESSION group_concat_max_len = 1073741824;
SET SESSION time_zone = '+00:00';
SELECT CONCAT('database ', schema_name),
  SHA2(CONCAT_WS('|', default_character_set_name, default_collation_name), 256)
FROM information_schema.schemata
WHERE schema_name NOT IN ('information_schema', 'performance_schema', 'sys', 'mysql')
ORDER BY 1;
SELECT CONCAT('table ', t.table_schema, '.', t.table_name),
  SHA2(CONCAT_WS('|', t.table_type, t.engine, t.row_format, t.table_collation, t.create_options,
    t.table_comment,
    (SELECT GROUP_CONCAT(CONCAT_WS(' ', c.column_name, c.ordinal_position, c.column_type,
        c.is_nullable, IFNULL(c.column_default, 'no default'), c.character_set_name,
        c.collation_name, c.extra, c.generation_expression, c.column_comment)
      ORDER BY c.ordinal_position SEPARATOR '|')
     FROM information_schema.columns c
     WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name),
    (SELECT GROUP_CONCAT(CONCAT_WS(' ', s.index_name, s.seq_in_index, s.column_name, s.sub_part,
        s.non_unique, s.index_type)
      ORDER BY s.index_name, s.seq_in_index SEPARATOR '|')
     FROM information_schema.statistics s
     WHERE s.table_schema = t.table_schema AND s.table_name = t.table_name),
    (SELECT GROUP_CONCAT(CONCAT_WS(' ', k.constraint_name, k.column_name, k.ordinal_position,
        k.referenced_table_schema, k.referenced_table_name, k.referenced_column_name)
      ORDER BY k.constraint_name, k.ordinal_position SEPARATOR '|')
     FROM information_schema.key_column_usage k
     WHERE k.table_schema = t.table_schema AND k.table_name = t.table_name),
    (SELECT GROUP_CONCAT(CONCAT_WS(' ', h.constraint_name, h.check_clause)
      ORDER BY h.constraint_name SEPARATOR '|')
     FROM information_schema.check_constraints h
     WHERE h.constraint_schema = t.table_schema AND h.table_name = t.table_name)
  ), 256)
FROM information_schema.tables t
WHERE t.table_schema NOT IN ('information_schema', 'performance_schema', 'sys', 'mysql')
  AND t.table_type IN ('BASE TABLE', 'SEQUENCE', 'SYSTEM VERSIONED')
ORDER BY 1;
SELECT CONCAT('view ', table_schema, '.', table_name),
  SHA2(CONCAT_WS('|', view_definition, check_option, definer, security_type), 256)
FROM information_schema.views
WHERE table_schema NOT IN ('information_schema', 'performance_schema', 'sys', 'mysql')
ORDER BY 1;
SELECT CONCAT(LOWER(r.routine_type), ' ', r.routine_schema, '.', r.routine_name),
  SHA2(CONCAT_WS('|', r.dtd_identifier, r.routine_definition, r.is_deterministic,
    r.sql_data_access, r.security_type, r.sql_mode, r.definer,
    (SELECT GROUP_CONCAT(CONCAT_WS(' ', p.ordinal_position, p.parameter_mode, p.parameter_name,
        p.dtd_identifier)
      ORDER BY p.ordinal_position SEPARATOR '|')
     FROM information_schema.parameters p
     WHERE p.specific_schema = r.routine_schema AND p.specific_name = r.specific_name)), 256)
FROM information_schema.routines r
WHERE r.routine_schema NOT IN ('information_schema', 'performance_schema', 'sys', 'mysql')
ORDER BY 1;
SELECT CONCAT('trigger ', trigger_schema, '.', trigger_name),
  SHA2(CONCAT_WS('|', event_object_table, action_timing, event_manipulation, action_order,
    action_statement, sql_mode, definer), 256)
FROM information_schema.triggers
WHERE trigger_schema NOT IN ('information_schema', 'performance_schema', 'sys', 'mysql')
ORDER BY 1;
-- Without grant tables, as a restored database is started, the views of information_schema know
-- neither events nor rights: these are read from the tables that hold them.
SELECT CONCAT('event ', db, '.', name),
  SHA2(CONCAT_WS('|', body_utf8, definer, execute_at, interval_value, interval_field, starts, ends,
    on_completion, sql_mode, time_zone), 256)
FROM mysql.event
ORDER BY 1;
SELECT CONCAT('user ', u.user, '@', u.host),
  SHA2(CONCAT_WS('|',
    JSON_REMOVE(u.priv, '$.authentication_string', '$.plugin', '$.auth_or',
      '$.password_last_changed', '$.account_locked'),
    (SELECT GROUP_CONCAT(CONCAT_WS(' ', d.db, d.select_priv, d.insert_priv, d.update_priv,
        d.delete_priv, d.create_priv, d.drop_priv, d.grant_priv, d.references_priv, d.index_priv,
        d.alter_priv, d.create_tmp_table_priv, d.lock_tables_priv, d.create_view_priv,
        d.show_view_priv, d.create_routine_priv, d.alter_routine_priv, d.execute_priv,
        d.event_priv, d.trigger_priv, d.delete_history_priv)
      ORDER BY d.db SEPARATOR '|')
     FROM mysql.db d WHERE d.user = u.user AND d.host = u.host),
    (SELECT GROUP_CONCAT(CONCAT_WS(' ', t.db, t.table_name, t.table_priv, t.column_priv)
      ORDER BY t.db, t.table_name SEPARATOR '|')
     FROM mysql.tables_priv t WHERE t.user = u.user AND t.host = u.host),
    (SELECT GROUP_CONCAT(CONCAT_WS(' ', c.db, c.table_name, c.column_name, c.column_priv)
      ORDER BY c.db, c.table_name, c.column_name SEPARATOR '|')
     FROM mysql.columns_priv c WHERE c.user = u.user AND c.host = u.host),
    (SELECT GROUP_CONCAT(CONCAT_WS(' ', p.db, p.routine_type, p.routine_name, p.proc_priv)
      ORDER BY p.db, p.routine_type, p.routine_name SEPARATOR '|')
     FROM mysql.procs_priv p WHERE p.user = u.user AND p.host = u.host),
    (SELECT GROUP_CONCAT(CONCAT_WS(' ', r.role, r.admin_option) ORDER BY r.role SEPARATOR '|')
     FROM mysql.roles_mapping r WHERE r.user = u.user AND r.host = u.host)
  ), 256)
FROM mysql.global_priv u
ORDER BY 1;
