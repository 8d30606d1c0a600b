/** What the page says, by language (BCP 47). English where none of them is asked for. */
export interface UnsubscribeWords {
  readonly title: string;
  /** `{purpose}` is what the configuration calls it. */
  readonly question: string;
  readonly button: string;
  readonly done: string;
  readonly expired: string;
  readonly invalid: string;
  readonly busy: string;
}

export const UNSUBSCRIBE_WORDS = {
  en: {
    title: 'Unsubscribe',
    question: 'Do you want to receive no more of “{purpose}”?',
    button: 'Unsubscribe',
    done: 'Done. You will receive no more of “{purpose}”.',
    expired: 'This link has expired. Use the link in a more recent message.',
    invalid: 'This link is not valid. Open it again from the message, or copy all of it.',
    busy: 'This could not be recorded just now. Please try again in a few minutes.',
  },
  es: {
    title: 'Cancelar la suscripción',
    question: '¿Quiere dejar de recibir «{purpose}»?',
    button: 'Cancelar la suscripción',
    done: 'Hecho. No recibirá más «{purpose}».',
    expired: 'Este enlace ha caducado. Use el enlace de un mensaje más reciente.',
    invalid: 'Este enlace no es válido. Ábralo de nuevo desde el mensaje o cópielo entero.',
    busy: 'Ahora mismo no se ha podido registrar. Inténtelo de nuevo dentro de unos minutos.',
  },
  pl: {
    title: 'Rezygnacja z subskrypcji',
    question: 'Czy chcesz przestać otrzymywać „{purpose}”?',
    button: 'Zrezygnuj',
    done: 'Gotowe. Nie będziesz już otrzymywać „{purpose}”.',
    expired: 'Ten link wygasł. Użyj linku z nowszej wiadomości.',
    invalid: 'Ten link jest nieprawidłowy. Otwórz go ponownie z wiadomości lub skopiuj w całości.',
    busy: 'Nie udało się tego teraz zapisać. Spróbuj ponownie za kilka minut.',
  },
  uk: {
    title: 'Відписатися',
    question: 'Бажаєте більше не отримувати «{purpose}»?',
    button: 'Відписатися',
    done: 'Готово. Ви більше не отримуватимете «{purpose}».',
    expired: 'Термін дії цього посилання минув. Скористайтеся посиланням із новішого повідомлення.',
    invalid: 'Це посилання недійсне. Відкрийте його ще раз із повідомлення або скопіюйте повністю.',
    busy: 'Зараз це не вдалося записати. Спробуйте ще раз за кілька хвилин.',
  },
  de: {
    title: 'Abbestellen',
    question: 'Möchten Sie „{purpose}“ nicht mehr erhalten?',
    button: 'Abbestellen',
    done: 'Erledigt. Sie erhalten „{purpose}“ nicht mehr.',
    expired: 'Dieser Link ist abgelaufen. Nutzen Sie den Link in einer neueren Nachricht.',
    invalid:
      'Dieser Link ist ungültig. Öffnen Sie ihn noch einmal aus der Nachricht oder kopieren Sie ihn ganz.',
    busy: 'Das konnte gerade nicht festgehalten werden. Bitte versuchen Sie es in einigen Minuten erneut.',
  },
  fr: {
    title: 'Se désabonner',
    question: 'Souhaitez-vous ne plus recevoir « {purpose} » ?',
    button: 'Se désabonner',
    done: 'C’est fait. Vous ne recevrez plus « {purpose} ».',
    expired: 'Ce lien a expiré. Utilisez le lien d’un message plus récent.',
    invalid: 'Ce lien n’est pas valide. Ouvrez-le à nouveau depuis le message ou copiez-le en entier.',
    busy: 'Cela n’a pas pu être enregistré pour le moment. Réessayez dans quelques minutes.',
  },
  it: {
    title: 'Annulla l’iscrizione',
    question: 'Non vuole più ricevere «{purpose}»?',
    button: 'Annulla l’iscrizione',
    done: 'Fatto. Non riceverà più «{purpose}».',
    expired: 'Questo link è scaduto. Usi il link di un messaggio più recente.',
    invalid: 'Questo link non è valido. Lo apra di nuovo dal messaggio o lo copi per intero.',
    busy: 'Al momento non è stato possibile registrarlo. Riprovi tra qualche minuto.',
  },
} as const satisfies Record<string, UnsubscribeWords>;

export type PageLanguage = keyof typeof UNSUBSCRIBE_WORDS;

/** The preferred language among those there are (RFC 9110 section 12.5.4). @param accepted Accept-Language as sent */
export function pageLanguage(accepted: string): PageLanguage {
  const wanted = accepted
    .slice(0, ACCEPTED_LENGTH_MAX)
    .split(',')
    .map((range) => {
      const [tag = '', ...parameters] = range.trim().toLowerCase().split(';');
      const weight = parameters.map((one) => /^\s*q=([\d.]+)\s*$/.exec(one)?.[1]).find(Boolean) ?? '1';
      return { language: tag.split('-')[0] ?? '', weight: Number(weight) };
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight);
  for (const { language } of wanted) if (isPageLanguage(language)) return language;
  return 'en';
}

const ACCEPTED_LENGTH_MAX = 1_000;

function isPageLanguage(language: string): language is PageLanguage {
  return Object.hasOwn(UNSUBSCRIBE_WORDS, language);
}
