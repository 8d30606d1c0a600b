import type { Country } from './country.ts';
import type { Random } from './random.ts';

/** What a note may mention about its person. */
export interface Mentions {
  readonly firstName: string;
  readonly email: string;
  readonly phone: string;
  readonly iban: string;
  readonly nationalId: string | null;
}

type Sentence = (m: Mentions) => string;

const SENTENCES: Readonly<Record<Country, readonly Sentence[]>> = {
  ES: [
    (m) => `Prefiere que le escribamos a ${m.email}, nunca por la mañana.`,
    (m) => `Llamar al ${m.phone} después de las 17:00; contesta su hija.`,
    (m) => `Devolver los 120,50 € a la cuenta ${m.iban}. ¡Urgente! 🚨`,
    (m) => `DNI ${m.nationalId ?? 'pendiente'} comprobado en la oficina.\nDijo: "todo correcto".`,
    () => 'Cliente desde 2009. Sin incidencias.',
  ],
  PL: [
    (m) => `Proszę pisać na ${m.email} – telefon często wyłączony.`,
    (m) => `Oddzwonić: ${m.phone} (po 16:00), pyta o „fakturę zbiorczą”.`,
    (m) => `Zwrot nadpłaty na rachunek ${m.iban}, termin 14 dni.`,
    (m) => `PESEL ${m.nationalId ?? 'brak'} zweryfikowany.\r\nUmowa w segregatorze C:\\umowy\\2024.`,
    () => 'Stały klient, żadnych zaległości 👍',
  ],
  UA: [
    (m) => `Просить писати на ${m.email}, бо телефон часто поза зоною.`,
    (m) => `Передзвонити за номером ${m.phone} після обіду ☎️.`,
    (m) => `Повернення коштів на рахунок ${m.iban} — до п’ятниці.`,
    (m) => `РНОКПП ${m.nationalId ?? 'немає'} звірено.\nСказала: «усе гаразд».`,
    () => 'Давній клієнт, скарг не було 🇺🇦',
  ],
  GB: [
    (m) => `Write to ${m.email} (cc: nobody), she reads it twice a day.`,
    (m) => `Ring ${m.phone} after 5 pm; don't leave a message.`,
    (m) => `Refund £50.00 to ${m.iban}, she said "by Friday".`,
    (m) => `${m.firstName} moved house:\tforward post until May.\nSee \\\\files\\moves.`,
    () => 'Customer since 2009 — no complaints 🎉',
  ],
};

/** Two or three sentences in the language of the country; most of them mention something personal. */
export function writeNote(random: Random, country: Country, mentions: Mentions): string {
  const sentences = SENTENCES[country];
  const first = random.between(0, sentences.length - 1);
  const count = random.between(2, 3);
  return Array.from({ length: count }, (_, step) => sentences[(first + step) % sentences.length])
    .map((sentence) => sentence?.(mentions) ?? '')
    .join(' ');
}
