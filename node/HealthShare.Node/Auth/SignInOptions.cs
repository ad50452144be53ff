using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth;

/// <summary>How people sign in with passkeys (section <c>HealthShare:SignIn</c>).</summary>
public sealed class SignInOptions
{
    /// <summary>
    /// Where browsers find this node, such as <c>https://north.example</c>: scheme, host name and port, nothing else. Plain http only
    /// under <c>localhost</c> and names that end in <c>.localhost</c>. Passkeys are bound to the host name: do not change it later. Default
    /// <c>HealthShare:Http:Url</c> where that has a host name; without a name nobody signs in.
    /// </summary>
    public Uri? Origin { get; set; }

    /// <summary>A session ends when nothing was asked for so long, 1 minute to 8 hours. Default 30 minutes.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "08:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>A session ends so long after sign-in whatever happens, 5 minutes to 24 hours. Default 12 hours.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "1.00:00:00")]
    public TimeSpan AbsoluteTimeout { get; set; } = TimeSpan.FromHours(12);

    /// <summary>How long a fresh use of the passkey counts where one is asked for, 1 to 15 minutes. Default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "00:15:00")]
    public TimeSpan StepUpFor { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a colleague's one-time link is good, 5 minutes to 7 days. Default 24 hours.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "7.00:00:00")]
    public TimeSpan StaffInvitationFor { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long a patient's one-time link is good, 1 minute to 24 hours. Default 30 minutes.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan PatientInvitationFor { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Steps of signing in and enrolling from one address in a minute, 2 to 10,000; more get 429. Default 60.</summary>
    [Range(2, 10_000)]
    public int AttemptsPerMinute { get; set; } = 60;

    /// <summary>Refused attempts with one passkey from one address in a minute, 1 to 1,000; then 429. Default 5.</summary>
    [Range(1, 1000)]
    public int RefusalsPerMinute { get; set; } = 5;
}

[OptionsValidator]
internal sealed partial class SignInOptionsValidator : IValidateOptions<SignInOptions>;
