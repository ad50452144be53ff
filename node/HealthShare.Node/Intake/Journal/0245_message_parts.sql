-- What the next part of a message that its sender split is called (DSC-1, a keyed hash with the facility): a message whose MSH-14 is one of these is a later part.
ALTER TABLE intake_message ADD COLUMN continued_in ${blob};
CREATE INDEX intake_message_continued ON intake_message (continued_in, received_at) WHERE continued_in IS NOT NULL;
