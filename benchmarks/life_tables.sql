-- The rows of one life at their smallest: no index but the keys, no trigger, no foreign key.
CREATE TABLE ret (id bigint PRIMARY KEY, state text, refund bigint);
CREATE TABLE ret_line (id bigint PRIMARY KEY, ret_id bigint, received bigint, accepted bigint, settled bigint);
CREATE TABLE counter (id bigint PRIMARY KEY, value bigint);
CREATE TABLE fact (id bigserial PRIMARY KEY, ret_id bigint, kind text, amount bigint, body text);
CREATE TABLE head (id bigint PRIMARY KEY, value bigint);
CREATE SEQUENCE ret_number;
INSERT INTO counter SELECT n, 0 FROM generate_series(1, 10000) AS n;
INSERT INTO head SELECT n, 0 FROM generate_series(1, 256) AS n;
