import type { Country } from './country.ts';

interface Place {
  readonly city: string;
  readonly region: string | null;
  readonly postalCode: string;
}

/** What people of one country are called and where they live. */
interface Register {
  readonly countryName: string;
  readonly salutations: readonly string[];
  readonly firstNames: readonly string[];
  readonly lastNames: readonly string[];
  readonly streets: readonly string[];
  readonly places: readonly Place[];
  readonly titles: readonly string[];
  readonly emailDomains: readonly string[];
}

const place = (city: string, region: string | null, postalCode: string): Place => ({
  city,
  region,
  postalCode,
});

const words = (text: string): readonly string[] => text.split('|');

export const REGISTERS: Readonly<Record<Country, Register>> = {
  ES: {
    countryName: 'España',
    salutations: ['Sr.', 'Sra.'],
    firstNames: words(
      'Ana|María José|Íñigo|Begoña|Álvaro|Lucía|Nuño|Sofía|Javier|Concepción|Óscar|Rocío|Joaquín|Ainhoa|Martín|Inés|Raúl|Noelia|Gonzalo|Úrsula|Andrés|Pilar|Iván|Belén',
    ),
    lastNames: words(
      'García Fernández|Muñoz Peña|Ibáñez|Núñez de Balboa|López-Cózar|Martínez Ruiz|Gómez y Ortega|Sánchez|Zúñiga|Castaño Ríos|Vázquez|Domínguez|Sáenz de Tejada|Yáñez|Pérez-Reverte|Güell|Ortuño|Cañizares|Hernández|Jiménez Soler',
    ),
    streets: words(
      'Calle de Alcalá|Avenida de la Constitución|Paseo de Gracia|Plaza de España|Calle Mayor|Ronda de Sant Pere|Calle del Cid|Camiño da Estación',
    ),
    places: [
      place('Madrid', 'Madrid', '28013'),
      place('Barcelona', 'Cataluña', '08007'),
      place('A Coruña', 'Galicia', '15001'),
      place('Málaga', 'Andalucía', '29015'),
      place('Donostia', 'País Vasco', '20003'),
      place('Cáceres', 'Extremadura', '10003'),
    ],
    titles: words('Directora de compras|Jefe de obra|Enfermera|Abogado|Contable|Ingeniera'),
    emailDomains: ['correo.example', 'example.com', 'empresa.example'],
  },
  PL: {
    countryName: 'Polska',
    salutations: ['Pan', 'Pani'],
    firstNames: words(
      'Agnieszka|Michał|Łukasz|Małgorzata|Paweł|Świętosława|Zbigniew|Żaneta|Krzysztof|Grażyna|Jędrzej|Elżbieta|Wojciech|Bożena|Stanisław|Kinga|Bartłomiej|Hanna|Przemysław|Zofia|Jan|Ewa|Rafał|Iga',
    ),
    lastNames: words(
      'Kowalski|Wiśniewska|Wójcik|Kamińska|Lewandowski|Zieliński|Szymańska|Woźniak|Dąbrowska|Kozłowski|Jankowska|Mazur|Brzęczyszczykiewicz|Kwiatkowska|Źrebiec|Ćwikła|Nowak-Jeziorańska|Śliwa|Łoś|Gębski',
    ),
    streets: words(
      'ul. Świętokrzyska|ul. Długa|al. Jerozolimskie|ul. Żwirki i Wigury|Rynek Główny|ul. Piotrkowska|os. Złotej Jesieni|ul. Łąkowa',
    ),
    places: [
      place('Warszawa', 'mazowieckie', '00-050'),
      place('Kraków', 'małopolskie', '31-042'),
      place('Łódź', 'łódzkie', '90-001'),
      place('Wrocław', 'dolnośląskie', '50-101'),
      place('Gdańsk', 'pomorskie', '80-831'),
      place('Rzeszów', 'podkarpackie', '35-030'),
    ],
    titles: words('Główna księgowa|Kierownik zakupów|Pielęgniarz|Radca prawny|Inżynier|Dyrektorka'),
    emailDomains: ['poczta.example', 'example.org', 'firma.example'],
  },
  UA: {
    countryName: 'Україна',
    salutations: ['пан', 'пані'],
    firstNames: words(
      'Олена|Тарас|Ганна|Євген|Їлона|Ґалаґан|Соломія|Михайло|Ярослава|Андрій|Оксана|Юрій|Христина|Віталій|Наталія|Щек|Зоряна|Дмитро|Мар’яна|Богдан|Леся|Ігор|Катерина|Остап',
    ),
    lastNames: words(
      'Шевченко|Коваленко|Бондаренко|Ткаченко|Кравчук|Олійник|Лисенко|Мельник|Поліщук|Гнатюк|Дем’яненко|Заєць|Їжакевич|Щербак|Юрченко|Ґудзь|Стус|Франко|Цимбалюк|Григор’єва',
    ),
    streets: words(
      'вул. Хрещатик|вул. Сагайдачного|просп. Перемоги|вул. Лесі Українки|пл. Ринок|вул. Дерибасівська|бул. Шевченка|вул. Під’їзна',
    ),
    places: [
      place('Київ', null, '01001'),
      place('Львів', 'Львівська область', '79000'),
      place('Одеса', 'Одеська область', '65026'),
      place('Харків', 'Харківська область', '61000'),
      place('Чернівці', 'Чернівецька область', '58000'),
      place('Кам’янець-Подільський', 'Хмельницька область', '32300'),
    ],
    titles: words('Головна бухгалтерка|Менеджер|Лікарка|Юрист|Інженерка|Директор'),
    emailDomains: ['poshta.example', 'example.net', 'kompaniya.example'],
  },
  GB: {
    countryName: 'United Kingdom',
    salutations: ['Mr.', 'Ms.', 'Dr.'],
    firstNames: words(
      "Emma|Oliver|Siân|George|Amelia|D'Arcy|Chloë|Harry|Isla|Zoë|Jack|Freya|Noah|Niamh|Callum|Anne-Marie|Rhys|Poppy|Leo|Imogen|Arthur|Maisie|Finlay|Beatrix",
    ),
    lastNames: words(
      "Smith|O'Neill|Jones|Mac Giolla Bhríde|Taylor|Brown-Lloyd|Davies|Evans|Wilson|Thomas|D'Souza|Roberts|St. John|Walker|Wright|Fforde|Green|Cholmondeley|Hughes|Null",
    ),
    streets: words(
      'High Street|Baker Street|Station Road|The Shambles|Royal Mile|Church Lane|Heol Fawr|Gaol Ferry Steps',
    ),
    places: [
      place('London', 'Greater London', 'EC1A 1BB'),
      place('Edinburgh', 'Lothian', 'EH1 1YZ'),
      place('Caerdydd', 'Cymru', 'CF10 1EP'),
      place('York', 'North Yorkshire', 'YO1 7LZ'),
      place('Belfast', 'Antrim', 'BT1 5GS'),
      place("King's Lynn", 'Norfolk', 'PE30 1ET'),
    ],
    titles: words('Head of Procurement|Site Manager|Nurse|Solicitor|Accountant|Engineer'),
    emailDomains: ['mail.example', 'example.com', 'company.example'],
  },
};

export const COMPANY_STEMS = words(
  'Ibérica de Tuercas|Zakłady Śrubowe|Київські Меблі|Thames & Sons|Aceites "La Oliva"|Huta Łaźnia|Львівська Кава|Highland Tweed|Seguros Niño|Młyn Pod Lipą|Морський Вантаж|Fox\\Hound Books',
);
export const COMPANY_FORMS: Readonly<Record<Country, string>> = {
  ES: 'S.L.',
  PL: 'sp. z o.o.',
  UA: 'ТОВ',
  GB: 'Ltd',
};
export const INDUSTRIES = words('Manufacturing|Healthcare|Retail|Insurance|Shipping|Food & Beverage');

const CYRILLIC: Readonly<Record<string, string>> = Object.fromEntries(
  words(
    'а:a|б:b|в:v|г:h|ґ:g|д:d|е:e|є:ie|ж:zh|з:z|и:y|і:i|ї:i|й:i|к:k|л:l|м:m|н:n|о:o|п:p|р:r|с:s|т:t|у:u|ф:f|х:kh|ц:ts|ч:ch|ш:sh|щ:shch|ь:|ю:iu|я:ia',
  ).map((pair) => {
    const [letter = '', latin = ''] = pair.split(':');
    return [letter, latin];
  }),
);

/** A name as it may stand before the @: lower-case ASCII letters. Ukrainian by the 2010 national romanisation. */
export function asciiName(name: string): string {
  return Array.from(
    name.normalize('NFC').toLowerCase(),
    (letter) => CYRILLIC[letter] ?? letter.normalize('NFD').replace(/\p{M}/gu, '').replace('ł', 'l'),
  )
    .join('')
    .replace(/[^a-z]/g, '');
}
