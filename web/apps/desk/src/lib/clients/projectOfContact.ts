import { projectOf } from '$lib/projects/projectOf';

/** The project of a client whose page is opened by its address. */
export const projectOfContact = (id: string): Promise<string | null> => projectOf(`contacts/${id}`);
