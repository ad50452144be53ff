using System.Text.Json;
using HealthShare.Node.Auth.People;
using HealthShare.Policy;
using HealthShare.Policy.WebAuthn;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth.Passkeys;

/// <summary>The two ceremonies of WebAuthn, by ASP.NET Core Identity's handler, with challenges kept here.</summary>
internal sealed class PasskeyCeremony(IPasskeyHandler<Person> handler, Challenges challenges, IHttpContextAccessor http)
{
    private HttpContext Http => http.HttpContext ?? throw new InvalidOperationException("Passkeys are used within requests.");

    /// <summary>Begins an assertion; by any passkey where no person is given.</summary>
    public async Task<JsonElement> BeginAssertionAsync(ChallengePurpose purpose, string owner, Person? person)
    {
        var options = await handler.MakeRequestOptionsAsync(person!, Http);
        challenges.Keep(purpose, owner, options.AssertionState!);
        return Parse(options.RequestOptionsJson);
    }

    /// <summary>Ends an assertion. Null where anything about it is not as it should be; the challenge is used up all the same.</summary>
    public async Task<(Person Person, UserPasskeyInfo Passkey)?> EndAssertionAsync(ChallengePurpose purpose, string owner, JsonElement credential)
    {
        if (challenges.Take(purpose, owner) is not { } state)
            return null;
        var result = await handler.PerformAssertionAsync(
            new PasskeyAssertionContext { HttpContext = Http, CredentialJson = credential.GetRawText(), AssertionState = state });
        return result.Succeeded ? (result.User, result.Passkey) : null;
    }

    /// <summary>Begins a registration for a person.</summary>
    public async Task<JsonElement> BeginAttestationAsync(ChallengePurpose purpose, string owner, PasskeyUserEntity person)
    {
        var options = await handler.MakeCreationOptionsAsync(person, Http);
        challenges.Keep(purpose, owner, options.AttestationState!);
        return Parse(options.CreationOptionsJson);
    }

    /// <summary>Ends a registration. Null where anything about it is not as it should be.</summary>
    public async Task<UserPasskeyInfo?> EndAttestationAsync(ChallengePurpose purpose, string owner, JsonElement credential)
    {
        if (challenges.Take(purpose, owner) is not { } state)
            return null;
        var result = await handler.PerformAttestationAsync(
            new PasskeyAttestationContext { HttpContext = Http, CredentialJson = credential.GetRawText(), AttestationState = state });
        return result.Succeeded && IsStrict(result.Passkey.PublicKey) ? result.Passkey : null;
    }

    // The same reading as on the channel, where the key may be pinned: one form, and nothing else in it.
    private static bool IsStrict(byte[] coseKey)
    {
        try
        {
            _ = Es256PublicKey.FromCose(coseKey);
            return true;
        }
        catch (PolicyException)
        {
            return false;
        }
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}

/// <summary>What passkeys must be here: ES256, the person verified, found without a user name, made and used on this node's own pages.</summary>
internal sealed class PasskeySetup(NodeOrigin origin) : IConfigureOptions<IdentityPasskeyOptions>
{
    private const int Es256 = -7;

    public void Configure(IdentityPasskeyOptions options)
    {
        options.ServerDomain = origin.RpId;
        options.UserVerificationRequirement = "required";
        options.ResidentKeyRequirement = "required";
        options.AttestationConveyancePreference = "none";
        options.IsAllowedAlgorithm = algorithm => algorithm == Es256;
        options.ValidateOrigin = context => ValueTask.FromResult(
            !context.CrossOrigin && context.TopOrigin is null && string.Equals(context.Origin, origin.Value, StringComparison.Ordinal));
    }
}
