using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth.SecondKeys;

/// <summary>Second passkeys of hospitals' patients, at a regulator's own origin (section <c>HealthShare:SecondKeys</c>).</summary>
public sealed class SecondKeysOptions
{
    /// <summary>
    /// Origins of members' portals that the page hands a new passkey to, such as <c>https://north.example</c>; for a regulator's node.
    /// At most 100. Default none: then it hands none out.
    /// </summary>
    [MaxLength(100)]
    public IList<Uri> Origins { get; } = [];

    /// <summary>
    /// Origins of regulators' portals where this hospital's patients can make a second passkey and sign a broad permit with it, such as
    /// <c>https://regulator.example</c>; for a hospital's node. At most 10. Default none: then the portal offers no second passkey.
    /// </summary>
    [MaxLength(10)]
    public IList<Uri> Pages { get; } = [];
}

[OptionsValidator]
internal sealed partial class SecondKeysOptionsValidator : IValidateOptions<SecondKeysOptions>;
