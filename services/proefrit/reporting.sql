-- What analysts see: real timestamps, names that stay. The tables behind are private and may change.
-- One lock, so that two that migrate at once do not meet; one transaction, so that nobody sees half of it.
BEGIN;
SELECT pg_advisory_xact_lock(hashtext('proefrit.reporting'));
CREATE SCHEMA IF NOT EXISTS reporting;

-- Microseconds since 1970 as a moment, exactly.
CREATE OR REPLACE FUNCTION reporting.moment(micros BIGINT) RETURNS TIMESTAMPTZ LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN TIMESTAMPTZ 'epoch' + micros * INTERVAL '1 microsecond';

CREATE OR REPLACE VIEW reporting.cc_conversations AS
SELECT conversation_id AS id, 'whatsapp'::TEXT AS channel, source AS provider, public_id AS provider_conversation_id,
    org_id, contact_id, owner, consent, language, lead_score, lead_status,
    reporting.moment(created_at) AS created_at, reporting.moment(last_message_at) AS last_message_at
FROM agent_orchestrator.conversations;

CREATE OR REPLACE VIEW reporting.cc_messages AS
SELECT m.message_id AS id, m.conversation_id, m.direction, m.provider,
    COALESCE(NULLIF(m.provider_message_id, ''), s.message_sid) AS provider_message_id,
    m.from_address, m.to_address, m.body AS body_text, m.body_json::JSONB AS body_json, m.org_id, m.intent, m.author,
    reporting.moment(m.created_at) AS created_at
FROM agent_orchestrator.messages m
LEFT JOIN channel_sender.messages s ON s.message_id = m.message_id;

CREATE OR REPLACE VIEW reporting.messages AS
SELECT m.number AS message_id, m.body, COALESCE(NULLIF(m.provider_message_id, ''), s.message_sid) AS whatsapp_msg_sid,
    CASE m.direction WHEN 'inbound' THEN 'incoming' ELSE 'outgoing' END AS direction,
    reporting.moment(m.created_at) AS sent_at
FROM agent_orchestrator.messages m
LEFT JOIN channel_sender.messages s ON s.message_id = m.message_id;

-- `created_at` of a callback that a higher rank had overtaken lies just before that one's; `received_at` is the moment itself.
-- A message sent in parts has the log of its parts.
CREATE OR REPLACE VIEW reporting.message_delivery_log AS
SELECT l.delivery_id, d.org_id, m.number AS message_id, l.status, NULLIF(l.error_code, 0) AS error_code,
    NULLIF(l.error_message, '') AS error_message, d.provider, NULLIF(l.provider_payload, '')::JSONB AS provider_payload,
    reporting.moment(l.created_at) AS created_at, reporting.moment(l.received_at) AS received_at
FROM delivery_status.delivery_log l
JOIN delivery_status.deliveries d ON d.sid = l.sid
LEFT JOIN channel_sender.messages s ON s.message_id = d.message_id
LEFT JOIN agent_orchestrator.messages m ON m.message_id = COALESCE(s.part_of, d.message_id);

CREATE OR REPLACE VIEW reporting.appointments AS
SELECT c.contact_id, a.appointment_id AS calendar_event_id, reporting.moment(a.start_at) AS scheduled_at,
    CASE a.status WHEN 'released' THEN 'cancelled' ELSE a.status END AS status,
    a.subject, a.conversation_id, reporting.moment(a.created_at) AS created_at
FROM calendar.appointments a
LEFT JOIN agent_orchestrator.conversations c ON c.conversation_id = a.conversation_id;

CREATE OR REPLACE VIEW reporting.audit_log AS
SELECT event_id, conversation_id, actor_type, event_type, input_redacted, output_redacted, success = 'yes' AS success,
    NULLIF(error_code, '') AS error_code, NULLIF(error_message, '') AS error_message,
    reporting.moment(created_at) AS created_at
FROM agent_orchestrator.audit_log;
COMMIT;
