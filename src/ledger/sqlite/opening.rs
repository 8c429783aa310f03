//! How a connection comes to be trusted: as the file's one service, beside it, or to read.

use super::books::Books;
use super::connection::{self, Site};
use super::trouble::Trouble;
use super::{file, moved, purge, schema};
use crate::ledger::LedgerError;
use rusqlite::Connection;

/// The writer's connection to a file that was examined, brought to our schema, and not moved away.
pub(super) fn prepare(site: &Site) -> Result<Books, Trouble> {
    let books = prepare_to_move(site)?;
    moved::refuse_moved(&books.connection)?;
    Ok(books)
}

/// The same to a file whose record may have been moved before.
pub(super) fn prepare_to_move(site: &Site) -> Result<Books, Trouble> {
    let mut connection = site.connect_to_write()?;
    connection::recognise(&connection)?;
    connection::examine(&connection, &site.path)?;
    connection::trust(&connection)?;
    schema::migrate(&mut connection)?;
    schema::check_no_others(&connection)?;
    let mut books = Books::new(connection);
    books.begin()?;
    books.probe()?;
    books.swept = Some(purge::newest(&books.connection)?);
    books.commit()?;
    Ok(books)
}

/// The writer's connection to a file that a service may have: that its schema is ours is asked
/// while nobody can change it.
pub(super) fn join(site: &Site) -> Result<Books, Trouble> {
    let mut books = Books::new(site.connect_to_write()?);
    books.begin()?;
    check_schema(&books.connection)?;
    moved::refuse_moved(&books.connection)?;
    books.probe()?;
    books.commit()?;
    Ok(books)
}

pub(super) fn must_exist(site: &Site) -> Result<(), LedgerError> {
    if file::exists(&site.path)? {
        return Ok(());
    }
    let text = format!("{}: no such file: start the service first", site.path.display());
    Err(LedgerError::Unavailable(text))
}

pub(super) fn check_schema(connection: &Connection) -> Result<(), Trouble> {
    let (found, known) = (connection::recognise(connection)?, schema::known());
    if found == known {
        return schema::check_no_others(connection);
    }
    let text = format!("it has schema {found}, not {known}: start the new service once");
    Err(Trouble::Group(LedgerError::Unavailable(text)))
}
