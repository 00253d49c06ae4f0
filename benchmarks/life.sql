-- One life: 31 rows inserted or updated in six transactions, a statement a table and transaction.
\set o random(1, 10000)
\set h random(1, 256)
SELECT nextval('ret_number') AS r \gset
BEGIN; -- request: claim, return, line, command, audit row
UPDATE counter SET value = value + 1 WHERE id = :o;
INSERT INTO ret VALUES (:r, 'requested', 0);
INSERT INTO ret_line VALUES (:r, :r, 0, 0, 0);
INSERT INTO fact (ret_id, kind, amount, body) VALUES (:r, 'command', 1, repeat('x', 100)), (:r, 'audit', 1, repeat('x', 400));
UPDATE head SET value = value + 1 WHERE id = :h;
END;
BEGIN; -- authorise: return, command, audit row
UPDATE ret SET state = 'authorised' WHERE id = :r;
INSERT INTO fact (ret_id, kind, amount, body) VALUES (:r, 'command', 1, repeat('x', 100)), (:r, 'audit', 1, repeat('x', 400));
END;
BEGIN; -- receive: line, return, move, receipt, command, audit row
UPDATE ret_line SET received = 1 WHERE id = :r;
UPDATE ret SET state = 'received' WHERE id = :r;
INSERT INTO fact (ret_id, kind, amount, body) VALUES (:r, 'move', 1, repeat('x', 200)), (:r, 'receipt', 1, repeat('x', 100)), (:r, 'command', 1, repeat('x', 100)), (:r, 'audit', 1, repeat('x', 400));
END;
BEGIN; -- inspect: line, return, move, value, entry of two lines, command, audit row
UPDATE ret_line SET accepted = 1 WHERE id = :r;
UPDATE ret SET state = 'inspected' WHERE id = :r;
INSERT INTO fact (ret_id, kind, amount, body) VALUES (:r, 'move', 1, repeat('x', 200)), (:r, 'value', 1, repeat('x', 150)), (:r, 'entry', 1, repeat('x', 150)), (:r, 'entry line', 1, repeat('x', 150)), (:r, 'entry line', -1, repeat('x', 150)), (:r, 'command', 1, repeat('x', 100)), (:r, 'audit', 1, repeat('x', 400));
END;
BEGIN; -- settle: line, return, settlement, entry of two lines, command
UPDATE ret_line SET settled = 1 WHERE id = :r;
UPDATE ret SET state = 'settled', refund = 1000 WHERE id = :r;
INSERT INTO fact (ret_id, kind, amount, body) VALUES (:r, 'settlement', 1, repeat('x', 300)), (:r, 'entry', 1, repeat('x', 150)), (:r, 'entry line', 1, repeat('x', 150)), (:r, 'entry line', -1, repeat('x', 150)), (:r, 'audit', 1, repeat('x', 400));
END;
BEGIN; -- close: return
UPDATE ret SET state = 'closed' WHERE id = :r;
END;
