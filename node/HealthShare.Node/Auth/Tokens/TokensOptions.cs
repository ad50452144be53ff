using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth.Tokens;

/// <summary>Access tokens of the hospital's OpenID provider, for programs (section <c>HealthShare:Tokens</c>).</summary>
public sealed class TokensOptions
{
    /// <summary>
    /// The provider's issuer, such as <c>https://login.north.example</c>; its discovery document stands at
    /// <c>/.well-known/openid-configuration</c> below it. Plain http only on the loopback interface. Default none: no such token is accepted.
    /// </summary>
    public string? Issuer { get; set; }

    /// <summary>What tokens for this node name as their audience. Required with an issuer.</summary>
    [StringLength(500, MinimumLength = 1)]
    public string? Audience { get; set; }

    /// <summary>How far the provider's clock may be off, 0 to 5 minutes. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Longest life of a token that is accepted, 1 minute to 24 hours. Default 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan LongestLife { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long the provider's keys are taken as read, 1 minute to 24 hours. Default 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan KeysFor { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Shortest time between two looks at the provider's keys because a token names an unknown one, 5 seconds to 1 hour. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan LookAgainAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Claim that holds a user's role, such as <c>physician</c>, for scopes <c>user/…</c>. Default <c>healthshare_role</c>.</summary>
    [Required, StringLength(100, MinimumLength = 1)]
    public string RoleClaim { get; set; } = "healthshare_role";

    /// <summary>Claim that holds a user's staff id. Default <c>healthshare_staff</c>.</summary>
    [Required, StringLength(100, MinimumLength = 1)]
    public string StaffClaim { get; set; } = "healthshare_staff";
}

[OptionsValidator]
internal sealed partial class TokensOptionsValidator : IValidateOptions<TokensOptions>;
