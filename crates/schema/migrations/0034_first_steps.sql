-- When the code of a project was first seen at work on a page of the company: the first steps tick by it.
ALTER TABLE projects ADD COLUMN installed_at BIGINT;
