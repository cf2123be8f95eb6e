//! Values on their way to PostgreSQL and back.

use std::error::Error;

use bytes::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::sql::{DbError, Row, Value};

/// A parameter. PostgreSQL says which type it takes; nothing is converted but the width of numbers.
#[derive(Debug)]
pub(super) struct Param<'a>(pub(super) &'a Value);

impl ToSql for Param<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self.0, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Int(number), &Type::INT8) => number.to_sql(ty, out),
            (Value::Int(number), &Type::INT4) => i32::try_from(*number)?.to_sql(ty, out),
            (Value::Int(number), &Type::INT2) => i16::try_from(*number)?.to_sql(ty, out),
            (Value::Bool(truth), &Type::BOOL) => truth.to_sql(ty, out),
            (
                Value::Text(text),
                &(Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN),
            ) => text.to_sql(ty, out),
            (Value::Bytes(bytes), &Type::BYTEA) => bytes.to_sql(ty, out),
            (value, ty) => Err(format!("{} was given for a parameter of type {ty}", value.kind()).into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A cell of a type that queries may answer with.
struct Cell(Value);

impl<'a> FromSql<'a> for Cell {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *ty {
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT2 => Value::Int(i16::from_sql(ty, raw)?.into()),
            Type::OID => Value::Int(u32::from_sql(ty, raw)?.into()),
            Type::BOOL => Value::Bool(bool::from_sql(ty, raw)?),
            Type::BYTEA => Value::Bytes(raw.to_vec()),
            _ => Value::Text(String::from_sql(ty, raw)?),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Value::Null))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::INT4 | Type::INT2 | Type::OID | Type::BOOL | Type::BYTEA)
            || <String as FromSql>::accepts(ty)
    }
}

/// Reads a row.
///
/// # Errors
/// [`DbError::Shape`] for a type that has no counterpart: a NUMERIC is a sum that was not cast.
pub(super) fn row(row: &postgres::Row) -> Result<Row, DbError> {
    let cells = (0..row.len()).map(|place| {
        row.try_get::<_, Cell>(place).map(|cell| cell.0).map_err(|_| DbError::Shape {
            wanted: "a whole number, a truth value, text or bytes",
            found: match *row.columns()[place].type_() {
                Type::NUMERIC | Type::FLOAT4 | Type::FLOAT8 => "a fraction",
                _ => "something else",
            },
        })
    });
    Ok(Row(cells.collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(value: &Value, ty: &Type) -> Option<Vec<u8>> {
        let mut out = BytesMut::new();
        match Param(value).to_sql_checked(ty, &mut out) {
            Ok(IsNull::No) => Some(out.to_vec()),
            Ok(IsNull::Yes) => Some(b"null".to_vec()),
            Err(_) => None,
        }
    }

    #[test]
    fn numbers_take_the_width_that_is_asked_for_or_fail() {
        assert_eq!(sent(&Value::Int(7), &Type::INT8).as_deref(), Some(&[0, 0, 0, 0, 0, 0, 0, 7][..]));
        assert_eq!(sent(&Value::Int(-1), &Type::INT4).as_deref(), Some(&[255, 255, 255, 255][..]));
        assert_eq!(sent(&Value::Int(1 << 40), &Type::INT4), None);
        assert_eq!(sent(&Value::Int(40_000), &Type::INT2), None);
    }

    #[test]
    fn no_kind_passes_for_another() {
        for (value, ty) in [
            (Value::Int(1), Type::BOOL),
            (Value::Int(1), Type::TEXT),
            (Value::Bool(true), Type::INT8),
            (Value::Text("1".to_owned()), Type::INT8),
            (Value::Text("x".to_owned()), Type::BYTEA),
            (Value::Bytes(vec![1]), Type::TEXT),
        ] {
            assert_eq!(sent(&value, &ty), None, "{value:?} as {ty}");
        }
        assert_eq!(sent(&Value::Null, &Type::BYTEA).as_deref(), Some(&b"null"[..]));
    }

    #[test]
    fn cells_of_every_width_are_read_and_fractions_are_not() {
        let read = |ty: Type, raw: &[u8]| {
            <Cell as FromSql>::accepts(&ty).then(|| Cell::from_sql(&ty, raw).map(|cell| cell.0).unwrap())
        };
        assert_eq!(read(Type::INT4, &[0, 0, 0, 1]), Some(Value::Int(1)));
        assert_eq!(read(Type::INT8, &[255; 8]), Some(Value::Int(-1)));
        assert_eq!(read(Type::BOOL, &[1]), Some(Value::Bool(true)));
        assert_eq!(read(Type::NAME, b"users"), Some(Value::Text("users".to_owned())));
        assert_eq!(read(Type::NUMERIC, &[0; 8]), None);
        assert_eq!(read(Type::FLOAT8, &[0; 8]), None);
    }
}
