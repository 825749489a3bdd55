-- What an appointment takes the place of, and what took its own place; empty for nothing. One that was replaced has the status
-- `rescheduled` and no slot.
ALTER TABLE appointments ADD COLUMN replaces TEXT NOT NULL DEFAULT '';
ALTER TABLE appointments ADD COLUMN replaced_by TEXT NOT NULL DEFAULT '';
