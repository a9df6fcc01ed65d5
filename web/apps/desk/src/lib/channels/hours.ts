import type { Answer, Schemas } from '@otklik/api';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

export type ChannelHours = Answer<Schemas['ChannelHours']>;

/** Chats and messages of each channel in the last day, by hour. */
export const channelHours = (projectId: string) =>
  new Resource(() => api.all<ChannelHours>(`/projects/${projectId}/reports/channel-hours`));
