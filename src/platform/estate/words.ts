/** What an estate's names are made of. Order counts: another order gives other estates for the same seeds. */

/** Domains by their capability; with a unit in front where there are more domains than these. */
export const capabilities = [
  ..."payments catalog checkout search identity pricing shipping inventory orders billing".split(" "),
  ..."loyalty reviews media messaging support fraud ledger tax returns content".split(" "),
  ..."ads analytics booking claims contracts crm documents energy fleet forecast".split(" "),
  ..."geo insurance invoicing maps partners payroll planning profiles quality reporting".split(" "),
];

export const units = [
  ..."retail travel health home games sport music food auto invest cargo print".split(" "),
];

/** What a team of a domain is called. */
export const teamNouns = ["core", "data", "growth", "edge", "ops", "labs"];

/** What an app is about. */
export const nouns = [
  ..."account address agreement alert asset audit basket batch budget bundle calendar campaign".split(" "),
  ..."card cart case category channel charge club comment contact coupon credit currency".split(" "),
  ..."customer deal device discount dispute draft event export feed fee flow form".split(" "),
  ..."gift goal grant group history image import index item journal label lead".split(" "),
  ..."limit link list location lookup mail margin market member merge message metric".split(" "),
  ..."note offer option package page parcel partner plan policy portal preview price".split(" "),
  ..."product profile promo quota quote rate receipt record refund region rule sale".split(" "),
  ..."schedule score segment session slot stock summary survey tag task template token".split(" "),
];

export const regions = ["eu", "us", "ap"];
