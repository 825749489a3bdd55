//! Properties of a car in normal form and the words that say them.

/// A table of a normal form and its spellings; one that ends in `*` is a beginning.
pub(super) type Spellings = [(&'static str, &'static str)];

pub(super) const FUEL_WORDS: &Spellings = &[
    ("plug_in_hybrid", "phev plugin pluginhybrid pluginhybride stekkerhybride stekkerhybrid plughybrid"),
    (
        "hybrid",
        "hybrid hybride hybrids hybriden hybrides hybrideauto hybridauto hev mildhybrid mhev hybridwagen hybridefahrzeug hybriede hybryde",
    ),
    (
        "electric",
        "elektrisch elektrische elektrich elektries electrisch electrische electric electrics ev evs bev elektro elektroauto elektroautos elektrowagen elektrofahrzeug eauto stroomauto elektrischer elektrisches elektrischen elektrik elektrikse fullelectric",
    ),
    ("diesel", "diesel diesels dieseltje dieselauto dieselmotor tdi cdi hdi dieselversie disel diezel tdci"),
    (
        "petrol",
        "benzine benzineauto benzinemotor benzinetje benzien benz benzin benziner benzinmotor petrol gasoline bezine benzinne benzineversie unleaded",
    ),
    ("lpg", "lpg autogas cng gastank"),
];

pub(super) const TRANSMISSION_WORDS: &Spellings = &[
    (
        "automatic",
        "automaat automaatje automaten automat automatic automatik automatikgetriebe automatikwagen dsg automaatbak autmaat automaad automatics aut automaatversie automaatt automatisch automatikschaltung",
    ),
    (
        "manual",
        "handgeschakeld handgeschakelde geschakeld geschakelde handbak schakel schakelbak schakelauto schakelaar handschakel handmatig manual handschaltung schaltgetriebe schalter schaltwagen stickshift handschakeling schakelwagen gangschaltung handschalter handversnelling handgeschaltet",
    ),
];

pub(super) const BODY_WORDS: &Spellings = &[
    ("hatchback", "hatchback hatchbacks hatch schragheck schraegheck"),
    (
        "estate",
        "stationwagen stationwagens stationwagon stationcar station stations combi combis kombi kombis break touring tourer wagon estate estates sportstourer avant stationwagentje stationnetje grandtour kombiwagen variant stationwagn stationwage sportbreak",
    ),
    ("suv", "suv suvs suvtje suvje terreinwagen gelandewagen gelaendewagen cuv crossover crossovers 4x4"),
    ("sedan", "sedan sedans limousine limo saloon stufenheck"),
    ("mpv", "mpv mpvs ruimtewagen minivan grossraumlimousine familienvan mpvtje peoplecarrier"),
    (
        "convertible",
        "cabrio cabriolet cabriootje cabrios convertible convertibles roadster cabriotje soft-top kabrio spider",
    ),
    ("coupe", "coupe coupes coupeetje coupetje"),
    (
        "van",
        "van bestelbus bestelbusje bestelwagen bestelauto busje bus bedrijfswagen bedrijfsbus bedrijfsbusje transporter lieferwagen kastenwagen bestelbusjes kleinbus panelvan vans werkbus",
    ),
];

pub(super) const COLOR_WORDS: &Spellings = &[
    ("black", "zwart zwarte zwartje black schwarz schwarze schwarzen schwarzer schwarzes schwarzem"),
    ("white", "wit witte white weiss weisse weissen weisser weisses weissem parelwit"),
    (
        "grey",
        "grijs grijze grijsje grey gray grau graue grauen grauer graues antraciet anthracite anthrazit grijzige",
    ),
    (
        "silver",
        "zilver zilveren zilverkleurig zilverkleurige zilvergrijs zilvergrijze silver silber silbern silberne silbernen silberner silbernes silbergrau",
    ),
    ("blue", "blauw blauwe blue blau blaue blauen blauer blaues"),
    ("red", "rood rode rooie red rote roten roter rotes"),
    ("green", "groen groene green grun grune grunen gruner grunes gruen gruene"),
    ("yellow", "geel gele yellow gelb gelbe gelben gelber gelbes"),
    ("orange", "oranje orange orangen oranger"),
    ("brown", "bruin bruine brown braun braune braunen brauner braunes"),
    ("beige", "beige creme zandkleurig"),
];
