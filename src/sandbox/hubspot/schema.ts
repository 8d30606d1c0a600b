export interface PropertySchema {
  readonly name: string;
  readonly label: string;
  readonly type: 'string' | 'number' | 'bool' | 'date' | 'datetime' | 'enumeration';
  /** Written by the system, never by a client. */
  readonly readOnly: boolean;
  readonly unique: boolean;
}

export interface TypeSchema {
  /** Plural, as in the path. */
  readonly name: string;
  readonly singular: string;
  readonly typeId: string;
  readonly properties: ReadonlyMap<string, PropertySchema>;
  /** Answered when a request names none. */
  readonly defaults: readonly string[];
  /** Answered whatever a request names. */
  readonly always: readonly string[];
  /** What `query` of a search looks through, named or not. */
  readonly searchable: readonly string[];
  readonly createdProperty: string;
  readonly modifiedProperty: string;
}

type Row = readonly [
  name: string,
  singular: string,
  typeId: string,
  properties: string,
  defaults: string,
  searchable: string,
];

/** One line a type: `name:type`, type left out for strings. Marks: `=` read-only, `#` unique. */
const TYPES: readonly Row[] = [
  [
    'contacts',
    'contact',
    '0-1',
    'email:string# hs_additional_emails:enumeration hs_merged_object_ids:enumeration firstname lastname salutation:enumeration phone mobilephone jobtitle company address city state zip country date_of_birth:date message nif iban diagnosis annual_income:number customer_number confidentiality:enumeration external_id:string# salesforcecontactid salesforceleadid hs_email_optout:bool do_not_call:bool hs_legal_basis:enumeration lifecyclestage:enumeration hubspot_owner_id:enumeration notes_last_contacted:datetime= hs_email_domain:string= hs_full_name_or_email:string= hs_searchable_calculated_phone_number:string=',
    'email firstname lastname',
    'email hs_additional_emails firstname lastname phone mobilephone company',
  ],
  [
    'companies',
    'company',
    '0-2',
    'name domain phone industry:enumeration city country annualrevenue:number numberofemployees:number description hubspot_owner_id:enumeration',
    'name domain',
    'name domain phone',
  ],
  [
    'deals',
    'deal',
    '0-3',
    'dealname amount:number dealstage:enumeration pipeline:enumeration closedate:datetime description hubspot_owner_id:enumeration',
    'dealname amount dealstage pipeline closedate',
    'dealname',
  ],
  [
    'tickets',
    'ticket',
    '0-5',
    'subject content hs_pipeline:enumeration hs_pipeline_stage:enumeration hs_ticket_priority:enumeration hs_ticket_category:enumeration hubspot_owner_id:enumeration',
    'subject content hs_pipeline hs_pipeline_stage hs_ticket_priority hs_ticket_category',
    'subject content',
  ],
  [
    'notes',
    'note',
    '0-46',
    'hs_note_body hs_timestamp:datetime hubspot_owner_id:enumeration',
    '',
    'hs_note_body',
  ],
  [
    'calls',
    'call',
    '0-48',
    'hs_call_title hs_call_body hs_call_from_number hs_call_to_number hs_timestamp:datetime hubspot_owner_id:enumeration',
    '',
    'hs_call_title hs_call_body',
  ],
  [
    'emails',
    'email',
    '0-49',
    'hs_email_subject hs_email_text hs_email_from_email hs_email_to_email hs_timestamp:datetime hubspot_owner_id:enumeration',
    '',
    'hs_email_subject hs_email_text',
  ],
  [
    'meetings',
    'meeting',
    '0-47',
    'hs_meeting_title hs_meeting_body hs_timestamp:datetime hubspot_owner_id:enumeration',
    '',
    'hs_meeting_title hs_meeting_body',
  ],
  [
    'tasks',
    'task',
    '0-27',
    'hs_task_subject hs_task_body hs_task_status:enumeration hs_timestamp:datetime hubspot_owner_id:enumeration',
    '',
    'hs_task_subject hs_task_body',
  ],
];

function parseProperty(text: string): PropertySchema {
  const [, name = '', type = 'string', marks = ''] = /^(\w+?)(?::(\w+?))?([=#]*)$/.exec(text) ?? [];
  return {
    name,
    label: name.replace(/^hs_/, '').replaceAll('_', ' '),
    type: type as PropertySchema['type'],
    readOnly: marks.includes('='),
    unique: marks.includes('#'),
  };
}

const list = (text: string): readonly string[] => text.split(' ').filter(Boolean);

export const TYPE_SCHEMAS: readonly TypeSchema[] = TYPES.map(
  ([name, singular, typeId, text, defaults, searchable]) => {
    const isContact = name === 'contacts';
    const createdProperty =
      isContact || name === 'deals' || name === 'companies' || name === 'tickets'
        ? 'createdate'
        : 'hs_createdate';
    const modifiedProperty = isContact ? 'lastmodifieddate' : 'hs_lastmodifieddate';
    const always = [createdProperty, 'hs_object_id', modifiedProperty];
    const system = `${createdProperty}:datetime= hs_object_id:number= ${modifiedProperty}:datetime=`;
    const properties = `${text} ${system}`.split(' ').map(parseProperty);
    return {
      name,
      singular,
      typeId,
      properties: new Map(properties.map((property) => [property.name, property])),
      defaults: [...list(defaults), ...always].sort(),
      always,
      searchable: list(searchable),
      createdProperty,
      modifiedProperty,
    };
  },
);

/** By plural, singular, or objectTypeId. */
export function typeSchema(name: string): TypeSchema | undefined {
  const key = name.toLowerCase();
  return TYPE_SCHEMAS.find(
    (schema) => schema.name === key || schema.singular === key || schema.typeId === key,
  );
}
