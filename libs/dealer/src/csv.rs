//! The inventory file: `id,make,model,variant,year,mileage_km,price_eur,fuel,transmission,body_type,color,license_plate[,url]`.

use std::collections::{HashMap, HashSet};

use crate::{Car, DealerError, Source};
use ::csv::{ReaderBuilder, StringRecord, Trim};

const COLUMNS: [&str; 12] = [
    "id",
    "make",
    "model",
    "variant",
    "year",
    "mileage_km",
    "price_eur",
    "fuel",
    "transmission",
    "body_type",
    "color",
    "license_plate",
];

/// Reads every car of the file.
pub(super) fn parse(name: &str, text: &str) -> Result<Vec<Car>, DealerError> {
    let source = Source { name, text };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| source.wrong_at("header", 1, error.to_string()))?;
    let columns: HashMap<String, usize> =
        header.iter().enumerate().map(|(at, column)| (column.to_ascii_lowercase(), at)).collect();
    if let Some(missing) = COLUMNS.into_iter().find(|column| !columns.contains_key(*column)) {
        return Err(source.wrong_at(missing, 1, "column is missing; the first line names the columns"));
    }
    let mut cars = Vec::new();
    let mut ids = HashSet::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(1, ::csv::Position::line);
            source.wrong_at("row", usize::try_from(line).unwrap_or_default(), error.to_string())
        })?;
        let line = record.position().map_or(0, ::csv::Position::line);
        let row = Row {
            source,
            columns: &columns,
            record: &record,
            line: usize::try_from(line).unwrap_or_default(),
        };
        let car = row.car()?;
        if !ids.insert(car.id.clone()) {
            return Err(row.wrong("id", format!("{:?} stands here for the second time", car.id)));
        }
        cars.push(car);
    }
    Ok(cars)
}

struct Row<'a> {
    source: Source<'a>,
    columns: &'a HashMap<String, usize>,
    record: &'a StringRecord,
    line: usize,
}

impl Row<'_> {
    fn wrong(&self, field: &str, problem: impl Into<String>) -> DealerError {
        self.source.wrong_at(field, self.line, problem)
    }

    fn text(&self, field: &str) -> &str {
        self.columns.get(field).and_then(|at| self.record.get(*at)).unwrap_or_default()
    }

    fn filled(&self, field: &str) -> Result<String, DealerError> {
        match self.text(field) {
            "" => Err(self.wrong(field, "is empty; write a text")),
            text => Ok(text.to_owned()),
        }
    }

    fn number(&self, field: &str, least: i32, most: i32) -> Result<i32, DealerError> {
        let text = self.text(field);
        text.parse().ok().filter(|number| (least..=most).contains(number)).ok_or_else(|| {
            self.wrong(field, format!("{text:?} is not a whole number from {least} to {most}"))
        })
    }

    fn one_of(&self, field: &str, known: &[&'static str]) -> Result<String, DealerError> {
        let text = self.text(field).to_ascii_lowercase();
        if known.contains(&text.as_str()) {
            return Ok(text);
        }
        Err(self.wrong(field, format!("{text:?} is unknown; choose from {}", known.join(", "))))
    }

    fn car(&self) -> Result<Car, DealerError> {
        let optional = |field| Some(self.text(field)).filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(Car {
            id: self.filled("id")?,
            make: self.filled("make")?,
            model: self.filled("model")?,
            variant: self.text("variant").to_owned(),
            year: self.number("year", 1900, 2100)?,
            mileage_km: self.number("mileage_km", 0, 2_000_000)?,
            price_eur: self.number("price_eur", 1, 10_000_000)?,
            fuel: self.one_of("fuel", &Car::FUELS)?,
            transmission: self.one_of("transmission", &Car::TRANSMISSIONS)?,
            body_type: self.one_of("body_type", &Car::BODY_TYPES)?,
            color: self.one_of("color", &Car::COLORS)?,
            license_plate: optional("license_plate"),
            url: optional("url"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "id,make,model,variant,year,mileage_km,price_eur,fuel,transmission,body_type,color,license_plate,url\n";

    fn read(rows: &str) -> Result<Vec<Car>, String> {
        parse("inventory.csv", &format!("{HEADER}{rows}")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_row_becomes_a_car() {
        let cars =
            read("c1,Volkswagen,Polo,1.0 TSI,2019,61000,14950,petrol,manual,hatchback,blue,K-123-AB,\n")
                .unwrap();
        assert_eq!(cars[0].price_eur, 14_950);
        assert_eq!(cars[0].license_plate.as_deref(), Some("K-123-AB"));
        assert_eq!(cars[0].url, None);
    }

    #[test]
    fn errors_name_the_line_and_the_field() {
        let good = "c1,VW,Polo,,2019,61000,14950,petrol,manual,hatchback,blue,,\n";
        let price = read(&format!("{good}c2,VW,Golf,,2019,61000,call us,petrol,manual,hatchback,blue,,\n"));
        assert_eq!(
            price.unwrap_err(),
            "inventory.csv line 3: price_eur: \"call us\" is not a whole number from 1 to 10000000"
        );
        let fuel = read("c2,VW,Golf,,2019,61000,1,benzine,manual,hatchback,blue,,\n").unwrap_err();
        assert!(
            fuel.starts_with("inventory.csv line 2: fuel: \"benzine\" is unknown; choose from petrol"),
            "{fuel}"
        );
        let twice = read(&format!("{good}{good}")).unwrap_err();
        assert_eq!(twice, "inventory.csv line 3: id: \"c1\" stands here for the second time");
        let short = read("c2,VW,Golf\n").unwrap_err();
        assert!(short.starts_with("inventory.csv line 2: row:"), "{short}");
        let header = parse("inventory.csv", "id,make\n").unwrap_err().to_string();
        assert!(header.starts_with("inventory.csv line 1: model: column is missing"), "{header}");
    }
}
