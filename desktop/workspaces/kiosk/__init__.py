"""The cashier's workspace: sign-in, shift, sale, tender, refund, closing."""
