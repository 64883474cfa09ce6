-- Version 1. Every row ends in a CRC32 over its table's name and all its other columns (rows.py).

CREATE TABLE run (
  id TEXT NOT NULL PRIMARY KEY,
  closed INTEGER NOT NULL,
  doc BLOB NOT NULL,
  crc INTEGER NOT NULL
);

CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL,
  session_id TEXT,
  t_ns INTEGER NOT NULL,
  kind TEXT NOT NULL,
  version INTEGER NOT NULL,
  payload BLOB NOT NULL,
  crc INTEGER NOT NULL
);
CREATE INDEX event_of_session ON event (session_id, seq) WHERE session_id IS NOT NULL;

CREATE TABLE project (
  id TEXT NOT NULL PRIMARY KEY,
  doc BLOB NOT NULL,
  crc INTEGER NOT NULL
);

CREATE TABLE session (
  id TEXT NOT NULL PRIMARY KEY,
  started_utc_ns INTEGER NOT NULL,
  ended_utc_ns INTEGER,
  run_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  doc BLOB NOT NULL,
  crc INTEGER NOT NULL
);
CREATE INDEX session_by_start ON session (started_utc_ns);

CREATE TABLE clip (
  id TEXT NOT NULL PRIMARY KEY,
  project_id TEXT NOT NULL,
  doc BLOB NOT NULL,
  crc INTEGER NOT NULL
);
CREATE INDEX clip_of_project ON clip (project_id);

CREATE TABLE iteration (
  id TEXT NOT NULL PRIMARY KEY,
  source_kind TEXT NOT NULL,
  external_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  clip_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  status TEXT NOT NULL,
  doc BLOB NOT NULL,
  crc INTEGER NOT NULL,
  UNIQUE (source_kind, external_id)
);
CREATE INDEX iteration_of_session ON iteration (session_id);

CREATE TABLE energy (
  session_id TEXT NOT NULL,
  owner TEXT NOT NULL,
  device_id TEXT NOT NULL,
  half_hour_utc_ns INTEGER NOT NULL,
  energy_j REAL NOT NULL,
  low_j REAL NOT NULL,
  high_j REAL NOT NULL,
  grade TEXT NOT NULL,
  gap_s REAL NOT NULL,
  method_version INTEGER NOT NULL,
  crc INTEGER NOT NULL,
  PRIMARY KEY (session_id, owner, device_id, half_hour_utc_ns)
) WITHOUT ROWID;

CREATE TABLE private_text (
  iteration_id TEXT NOT NULL PRIMARY KEY,
  texts BLOB NOT NULL,
  graph_json TEXT,
  crc INTEGER NOT NULL
);

-- One kind of samples of one device in one run; names the integers that blocks carry.
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  crc INTEGER NOT NULL,
  UNIQUE (run_id, device_id, kind)
);

-- What each commit brought, one row per series, until a chunk takes it over. No index on purpose:
-- the rows of a commit lie side by side, so a commit touches one page here.
CREATE TABLE tail (
  id INTEGER PRIMARY KEY,
  series_id INTEGER NOT NULL,
  payload BLOB NOT NULL,
  crc INTEGER NOT NULL
);

CREATE TABLE chunk (
  id INTEGER PRIMARY KEY,
  series_id INTEGER NOT NULL,
  t0_ns INTEGER NOT NULL,
  t1_ns INTEGER NOT NULL,
  n INTEGER NOT NULL,
  payload BLOB NOT NULL,
  crc INTEGER NOT NULL
);
CREATE INDEX chunk_by_time ON chunk (series_id, t1_ns, t0_ns);

CREATE TABLE pyramid (
  series_id INTEGER NOT NULL,
  level INTEGER NOT NULL,
  page INTEGER NOT NULL,
  n INTEGER NOT NULL,
  payload BLOB NOT NULL,
  crc INTEGER NOT NULL,
  PRIMARY KEY (series_id, level, page)
);
