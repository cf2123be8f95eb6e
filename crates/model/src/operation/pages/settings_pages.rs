//! A person's own settings.

use crate::operation::Row;
use crate::session::Gate;

const SET_UP: &[Gate] = &[Gate::SetUpTwoFactor];

operations! { $ settings_pages;
    /// What others see of oneself, and under which name.
    ShowProfile = Row::page("/-/user_settings/profile");
    /// Changes it.
    SaveProfile = Row::form("/-/user_settings/profile");
    /// The form for another password.
    EditPassword = Row::page("/-/user_settings/password/edit");
    /// Changes it.
    SavePassword = Row::form("/-/user_settings/password/edit");
    /// How it stands with the second factor, and the form for setting one up.
    ShowTwoFactor = Row::page("/-/profile/two_factor_auth").at(SET_UP);
    /// Makes a secret for a device.
    BeginTwoFactor = Row::form("/-/profile/two_factor_auth/start").at(SET_UP);
    /// Takes the first code of the device.
    TakeFirstCode = Row::form("/-/profile/two_factor_auth").at(SET_UP);
    /// The form for new recovery codes.
    ShowNewRecoveryCodes = Row::page("/-/profile/two_factor_auth/codes");
    /// Makes them.
    MakeRecoveryCodes = Row::form("/-/profile/two_factor_auth/codes");
    /// The form for turning the second factor off.
    ShowTurnOffTwoFactor = Row::page("/-/profile/two_factor_auth/disable");
    /// Turns it off.
    TurnOffTwoFactor = Row::form("/-/profile/two_factor_auth/disable");
    /// Where one is signed in.
    ShowSessions = Row::page("/-/user_settings/active_sessions");
    /// Signs out in one place.
    EndSession = Row::form("/-/user_settings/active_sessions/:id/end");
    /// Signs out everywhere else.
    EndOtherSessions = Row::form("/-/user_settings/active_sessions/end_others");
}
