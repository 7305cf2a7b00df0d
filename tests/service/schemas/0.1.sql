BEGIN TRANSACTION;
CREATE TABLE api_token (
	name VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	PRIMARY KEY (name), 
	UNIQUE (digest)
);
INSERT INTO "api_token" VALUES('name 1','scope 1','digest 1','2026-03-01 12:30:00.000000');
INSERT INTO "api_token" VALUES('name 2','scope 2','digest 2','2026-03-02 12:30:00.000000');
CREATE TABLE delivery (
	seq INTEGER NOT NULL, 
	delivery_id VARCHAR NOT NULL, 
	event_id VARCHAR NOT NULL, 
	alert VARCHAR NOT NULL, 
	subscription VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	attempts INTEGER NOT NULL, 
	attempts_before INTEGER NOT NULL, 
	next_try_at DATETIME NOT NULL, 
	doubts INTEGER NOT NULL, 
	part_of VARCHAR, 
	last_error VARCHAR, 
	created_at DATETIME NOT NULL, 
	settled_at DATETIME, 
	PRIMARY KEY (seq), 
	UNIQUE (delivery_id), 
	FOREIGN KEY(event_id) REFERENCES message (event_id), 
	FOREIGN KEY(subscription) REFERENCES subscription (id)
);
INSERT INTO "delivery" VALUES(1,'delivery_id 1','event_id 1','alert 1','id 1','kind 1','pending',1,1,'2026-03-01 12:30:00.000000',1,NULL,'last_error 1','2026-03-01 12:30:00.000000','2026-03-01 12:30:00.000000');
INSERT INTO "delivery" VALUES(2,'delivery_id 2','event_id 2','alert 2','id 2','kind 2','pending',2,2,'2026-03-02 12:30:00.000000',2,NULL,'last_error 2','2026-03-02 12:30:00.000000','2026-03-02 12:30:00.000000');
CREATE TABLE delivery_failure (
	delivery_id VARCHAR NOT NULL, 
	attempt INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	error VARCHAR NOT NULL, 
	PRIMARY KEY (delivery_id, attempt)
);
INSERT INTO "delivery_failure" VALUES('delivery_id 1',1,'2026-03-01 12:30:00.000000','error 1');
INSERT INTO "delivery_failure" VALUES('delivery_id 2',2,'2026-03-02 12:30:00.000000','error 2');
CREATE TABLE fanout_checkpoint (
	topic VARCHAR NOT NULL, 
	position VARCHAR NOT NULL, 
	event_id VARCHAR NOT NULL, 
	epoch VARCHAR NOT NULL, 
	restored_to VARCHAR, 
	PRIMARY KEY (topic)
);
INSERT INTO "fanout_checkpoint" VALUES('topic 1','position 1','event_id 1','epoch 1','restored_to 1');
INSERT INTO "fanout_checkpoint" VALUES('topic 2','position 2','event_id 2','epoch 2','restored_to 2');
CREATE TABLE message (
	event_id VARCHAR NOT NULL, 
	topic VARCHAR NOT NULL, 
	alert VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	content JSON NOT NULL, 
	PRIMARY KEY (event_id)
);
INSERT INTO "message" VALUES('event_id 1','topic 1','alert 1','kind 1','{"topics": ["docks-1"]}');
INSERT INTO "message" VALUES('event_id 2','topic 2','alert 2','kind 2','{"topics": ["docks-2"]}');
CREATE TABLE reaction (
	topic VARCHAR NOT NULL, 
	position VARCHAR NOT NULL, 
	event_id VARCHAR NOT NULL, 
	epoch VARCHAR NOT NULL, 
	PRIMARY KEY (topic)
);
INSERT INTO "reaction" VALUES('topic 1','position 1','event_id 1','epoch 1');
INSERT INTO "reaction" VALUES('topic 2','position 2','event_id 2','epoch 2');
CREATE TABLE role_health (
	role VARCHAR NOT NULL, 
	ok_at VARCHAR NOT NULL, 
	seen_at VARCHAR NOT NULL, 
	trouble VARCHAR NOT NULL, 
	PRIMARY KEY (role)
);
INSERT INTO "role_health" VALUES('role 1','ok_at 1','seen_at 1','trouble 1');
INSERT INTO "role_health" VALUES('role 2','ok_at 2','seen_at 2','trouble 2');
CREATE TABLE source_display (
	source VARCHAR NOT NULL, 
	display VARCHAR NOT NULL, 
	PRIMARY KEY (source)
);
INSERT INTO "source_display" VALUES('source 1','display 1');
INSERT INTO "source_display" VALUES('source 2','display 2');
CREATE TABLE source_entries (
	source_id VARCHAR NOT NULL, 
	entry VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	url VARCHAR NOT NULL, 
	why VARCHAR NOT NULL, 
	first_seen_at VARCHAR NOT NULL, 
	seen_at VARCHAR NOT NULL, 
	PRIMARY KEY (source_id, entry)
);
INSERT INTO "source_entries" VALUES('source_id 1','entry 1','digest 1','title 1 “ü”','url 1','why 1','first_seen_at 1','seen_at 1');
INSERT INTO "source_entries" VALUES('source_id 2','entry 2','digest 2','title 2 “ü”','url 2','why 2','first_seen_at 2','seen_at 2');
CREATE TABLE source_hosts (
	host VARCHAR NOT NULL, 
	free_at VARCHAR NOT NULL, 
	PRIMARY KEY (host)
);
INSERT INTO "source_hosts" VALUES('host 1','free_at 1');
INSERT INTO "source_hosts" VALUES('host 2','free_at 2');
CREATE TABLE source_polls (
	source_id VARCHAR NOT NULL, 
	place VARCHAR NOT NULL, 
	host VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	outlet VARCHAR NOT NULL, 
	topics VARCHAR NOT NULL, 
	due_at VARCHAR NOT NULL, 
	leased_until VARCHAR NOT NULL, 
	lease VARCHAR NOT NULL, 
	is_paused BOOLEAN NOT NULL, 
	etag VARCHAR NOT NULL, 
	last_modified VARCHAR NOT NULL, 
	body_digest VARCHAR NOT NULL, 
	moved_to VARCHAR NOT NULL, 
	moved_times INTEGER NOT NULL, 
	address VARCHAR NOT NULL, 
	polled_once BOOLEAN NOT NULL, 
	last_poll_at VARCHAR NOT NULL, 
	last_ok_at VARCHAR NOT NULL, 
	error_streak INTEGER NOT NULL, 
	failing_since VARCHAR NOT NULL, 
	last_error VARCHAR NOT NULL, 
	note VARCHAR NOT NULL, 
	entries_seen INTEGER NOT NULL, 
	entries_relevant INTEGER NOT NULL, 
	entries_per_week FLOAT NOT NULL, 
	newest_at VARCHAR NOT NULL, 
	told VARCHAR NOT NULL, 
	PRIMARY KEY (source_id)
);
INSERT INTO "source_polls" VALUES('source_id 1','place 1','host 1','kind 1','outlet 1 “ü”','topics 1','due_at 1','leased_until 1','lease 1',0,'etag 1','last_modified 1','body_digest 1','moved_to 1',1,'address 1',0,'last_poll_at 1','last_ok_at 1',1,'failing_since 1','last_error 1','note 1',1,1,1.5,'newest_at 1','told 1');
INSERT INTO "source_polls" VALUES('source_id 2','place 2','host 2','kind 2','outlet 2 “ü”','topics 2','due_at 2','leased_until 2','lease 2',1,'etag 2','last_modified 2','body_digest 2','moved_to 2',2,'address 2',1,'last_poll_at 2','last_ok_at 2',2,'failing_since 2','last_error 2','note 2',2,2,2.5,'newest_at 2','told 2');
CREATE TABLE subscription (
	id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	origin VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	target VARCHAR NOT NULL, 
	target_mark VARCHAR NOT NULL, 
	secret VARCHAR, 
	old_secret VARCHAR, 
	old_secret_until DATETIME, 
	wishes JSON NOT NULL, 
	allow_private BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	served_from DATETIME NOT NULL, 
	paused_because VARCHAR, 
	PRIMARY KEY (id)
);
INSERT INTO "subscription" VALUES('id 1','name 1 “ü”','origin 1','kind 1','target 1','target_mark 1','secret 1','old_secret 1','2026-03-01 12:30:00.000000','{"topics": ["docks-1"]}',0,'2026-03-01 12:30:00.000000','2026-03-01 12:30:00.000000',NULL);
INSERT INTO "subscription" VALUES('id 2','name 2 “ü”','origin 2','kind 2','target 2','target_mark 2','secret 2','old_secret 2','2026-03-02 12:30:00.000000','{"topics": ["docks-2"]}',1,'2026-03-02 12:30:00.000000','2026-03-02 12:30:00.000000',NULL);
CREATE TABLE subscription_audit (
	seq INTEGER NOT NULL, 
	subscription VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	what VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	fields JSON NOT NULL, 
	PRIMARY KEY (seq), 
	FOREIGN KEY(subscription) REFERENCES subscription (id)
);
INSERT INTO "subscription_audit" VALUES(1,'id 1','2026-03-01 12:30:00.000000','what 1','by 1','["target"]');
INSERT INTO "subscription_audit" VALUES(2,'id 2','2026-03-02 12:30:00.000000','what 2','by 2','["target"]');
CREATE TABLE trouble (
	kind VARCHAR NOT NULL, 
	about VARCHAR NOT NULL, 
	since DATETIME NOT NULL, 
	reason VARCHAR NOT NULL, 
	noted_at DATETIME NOT NULL, 
	told_at DATETIME, 
	over_at DATETIME, 
	PRIMARY KEY (kind, about)
);
INSERT INTO "trouble" VALUES('kind 1','about 1','2026-03-01 12:30:00.000000','reason 1','2026-03-01 12:30:00.000000','2026-03-01 12:30:00.000000','2026-03-01 12:30:00.000000');
INSERT INTO "trouble" VALUES('kind 2','about 2','2026-03-02 12:30:00.000000','reason 2','2026-03-02 12:30:00.000000','2026-03-02 12:30:00.000000','2026-03-02 12:30:00.000000');
CREATE TABLE unrecorded_outcome (
	seq INTEGER NOT NULL, 
	event_id VARCHAR NOT NULL, 
	event VARCHAR NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (event_id)
);
INSERT INTO "unrecorded_outcome" VALUES(1,'event_id 1','event 1');
INSERT INTO "unrecorded_outcome" VALUES(2,'event_id 2','event 2');
CREATE TABLE withheld_article (
	topic VARCHAR NOT NULL, 
	article_id VARCHAR NOT NULL, 
	PRIMARY KEY (topic, article_id)
);
INSERT INTO "withheld_article" VALUES('topic 1','article_id 1');
INSERT INTO "withheld_article" VALUES('topic 2','article_id 2');
CREATE INDEX ix_subscription_target_mark ON subscription (target_mark);
CREATE INDEX ix_subscription_audit_subscription ON subscription_audit (subscription);
CREATE INDEX delivery_waiting ON delivery (next_try_at) WHERE state = 'waiting';
CREATE INDEX delivery_leased ON delivery (subscription) WHERE state = 'leased';
CREATE INDEX delivery_part ON delivery (part_of) WHERE part_of IS NOT NULL;
CREATE INDEX delivery_open ON delivery (attempts, seq, next_try_at, subscription) WHERE state IN ('pending', 'leased', 'failed');
CREATE INDEX delivery_settled ON delivery (subscription, state, settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX delivery_of_alert ON delivery (alert, subscription, seq);
CREATE INDEX ix_source_polls_due_at ON source_polls (due_at);
CREATE INDEX ix_source_entries_first_seen_at ON source_entries (first_seen_at);
COMMIT;
