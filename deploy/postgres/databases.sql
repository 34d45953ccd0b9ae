-- One database and one role per service: no service can read another's tables, even by mistake.
-- psql runs this once, when the server is made; the password of the roles is the environment's POSTGRES_PASSWORD.
\set password `printf '%s' "$POSTGRES_PASSWORD"`
create role membership login password :'password';
create role gamification login password :'password';
create role content login password :'password';
create role events login password :'password';
create role analytics login password :'password';
create database membership owner membership;
create database gamification owner gamification;
create database content owner content;
create database events owner events;
create database analytics owner analytics;
revoke connect, temporary on database membership, gamification, content, events, analytics from public;
