"""What tests are built from: worlds, builders, fakes of the outside."""
