import type { AuditCheck, AuditLine, Page } from '@otklik/api';
import { m } from '$lib/paraglide/messages';
import { api } from '$lib/shared/api';

const PAGE_SIZE = 50;

/** The whole log as lines of JSON. */
export const exportPath = '/audit-log/export';

/** Who did what of weight in this account, newest first, by page. */
export class AuditLog {
  items = $state.raw<AuditLine[] | null>(null);
  error = $state.raw<unknown>(null);
  hasMore = $state(false);
  /** Whether the log is what was written; null until it was looked through. */
  check = $state.raw<AuditCheck | null>(null);
  checkError = $state.raw<unknown>(null);
  private cursor: string | null = null;

  readonly load = async () => {
    this.error = null;
    try {
      this.items = await this.page(null);
    } catch (error) {
      this.error = error;
    }
  };

  /** Looks the whole log through on the server: beside the list, for a long log takes its time. */
  readonly look = async () => {
    try {
      this.check = await api.get<AuditCheck>('/audit-log/check');
    } catch (error) {
      this.checkError = error;
    }
  };

  async more() {
    this.items = [...(this.items ?? []), ...(await this.page(this.cursor))];
  }

  private async page(cursor: string | null): Promise<AuditLine[]> {
    const page = await api.get<Page<AuditLine>>('/audit-log', { limit: PAGE_SIZE, cursor });
    this.cursor = page.next_cursor;
    this.hasMore = this.cursor !== null;
    return page.items;
  }
}

/** What was done, by its operation. One that has no words yet is shown as it is called. */
export function deedText({ action }: AuditLine): string {
  return WORDS[action.replaceAll(/^(\w+) \/api\/v1\//g, '$1 ')]?.() ?? action;
}

/** What is wrong with the log, line by line; nothing when it is whole. */
export function faultsOf(check: AuditCheck): string[] {
  const { changed_at, missing_at_end, last, seal, is_whole } = check;
  const faults: string[] = [];
  if (is_whole) return faults;
  if (changed_at != null) faults.push(m.audit_broken_at({ number: changed_at }));
  if (missing_at_end > 0) faults.push(m.audit_cut({ count: missing_at_end, last }));
  if (seal !== 'good') faults.push(SEALS[seal]());
  return faults;
}

const SEALS: Record<Exclude<AuditCheck['seal'], 'good'>, () => string> = {
  missing: m.audit_seal_missing,
  altered: m.audit_seal_altered,
  closed: m.audit_seal_closed,
};

const WORDS: Record<string, () => string> = {
  'POST session': m.audit_sign_in,
  'POST session/proof': m.audit_password_again,
  'DELETE sessions': m.audit_sign_out_everywhere,
  'DELETE sessions/{session_id}': m.audit_session_ended,
  'PATCH me': m.audit_own_data,
  'POST push-subscriptions': m.audit_push_on,
  'POST me/second-factor': m.audit_factor_begun,
  'POST me/second-factor/confirm': m.audit_factor_on,
  'DELETE me/second-factor': m.audit_factor_off,
  'POST me/recovery-codes': m.audit_codes_renewed,
  'DELETE users/{user_id}/second-factor': m.audit_factor_off_other,
  'PUT account/second-factor': m.audit_codes_for_all,
  'PATCH licence': m.audit_licence,
  'POST announcements': m.audit_announcement_made,
  'PATCH announcements/{announcement_id}': m.audit_announcement_changed,
  'DELETE announcements/{announcement_id}': m.audit_announcement_deleted,
  'POST announcements/{announcement_id}/end': m.audit_announcement_ended,
  'POST projects/{project_id}/appearance/publish': m.audit_appearance_published,
  'POST projects/{project_id}/scenarios/{scenario_id}/publish': m.audit_scenario_published,
  'DELETE projects/{project_id}/scenario-secrets/{name}': m.audit_scenario_secret_deleted,
  'PUT projects/{project_id}/scenario-secrets/{name}': m.audit_scenario_secret,
  'DELETE projects/{project_id}/scenarios/{scenario_id}': m.audit_scenario_deleted,
  'POST invitations/{token}': m.audit_invitation_taken,
  'POST users': m.audit_invited,
  'PATCH users/{user_id}': m.audit_user_changed,
  'POST api-keys': m.audit_key_made,
  'DELETE api-keys/{key_id}': m.audit_key_deleted,
  'GET audit-log': m.audit_read,
  'GET audit-log/export': m.audit_exported,
  'POST projects': m.audit_project_made,
  'POST demo': m.audit_demo_made,
  'DELETE demo': m.audit_demo_deleted,
  'DELETE demo/{demo_project_id}': m.audit_demo_deleted,
  'PATCH projects/{project_id}': m.audit_project_changed,
  'PUT projects/{project_id}/reports/settings': m.audit_report_limit,
  'POST projects/{project_id}/webhooks': m.audit_hook_made,
  'PATCH projects/{project_id}/webhooks/{webhook_id}': m.audit_hook_changed,
  'DELETE projects/{project_id}/webhooks/{webhook_id}': m.audit_hook_deleted,
  'POST projects/{project_id}/webhooks/{webhook_id}/rotate': m.audit_hook_secret,
  'POST projects/{project_id}/webhooks/{webhook_id}/replay': m.audit_hook_replayed,
  'POST projects/{project_id}/connections': m.audit_channel_made,
  'PATCH projects/{project_id}/connections/{connection_id}': m.audit_channel_changed,
  'DELETE projects/{project_id}/connections/{connection_id}': m.audit_channel_deleted,
  'DELETE projects/{project_id}/contacts/{contact_id}': m.audit_client_deleted,
  'POST projects/{project_id}/contacts/{contact_id}/erase': m.audit_client_erased,
  'POST projects/{project_id}/contacts/import': m.audit_clients_imported,
  'GET projects/{project_id}/contacts/export': m.audit_clients_exported,
  'GET projects/{project_id}/contacts/{contact_id}/export': m.audit_client_exported,
  'GET projects/{project_id}/identity-secret': m.audit_secret_read,
  'POST projects/{project_id}/identity-secret/rotate': m.audit_secret_changed,
  'DELETE projects/{project_id}/segments/{segment_id}': m.audit_segment_deleted,
  'DELETE projects/{project_id}/mailings/{mailing_id}': m.mailing_audit_deleted,
  'POST projects/{project_id}/mailings/{mailing_id}/start': m.mailing_audit_started,
  'POST projects/{project_id}/mailings/{mailing_id}/pause': m.mailing_audit_paused,
  'POST projects/{project_id}/mailings/{mailing_id}/resume': m.mailing_audit_resumed,
  'POST projects/{project_id}/mailings/{mailing_id}/stop': m.mailing_audit_stopped,
  'GET projects/{project_id}/mailings/{mailing_id}/recipients/export': m.mailing_audit_exported,
  'PUT projects/{project_id}/mailing-settings': m.mailing_audit_settings,
  'DELETE projects/{project_id}/contacts/{contact_id}/opt-out': m.mailing_audit_opt_in,
  'POST projects/{project_id}/multi-contact-rules/apply': m.audit_rules_applied,
  'DELETE projects/{project_id}/messages/{message_id}': m.audit_message_deleted,
  'DELETE projects/{project_id}/tags/{tag_id}': m.audit_tag_deleted,
  'POST projects/{project_id}/tags/{tag_id}/merge': m.audit_tag_merged,
  'POST projects/{project_id}/departments': m.audit_department_made,
  'PATCH projects/{project_id}/departments/{department_id}': m.audit_department_changed,
  'DELETE projects/{project_id}/departments/{department_id}': m.audit_department_deleted,
  'PUT projects/{project_id}/routing': m.audit_routing_changed,
  'DELETE projects/{project_id}/fields/{key}': m.audit_field_deleted,
};

export const isRefused = ({ status }: AuditLine) => status >= 400;
