using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Keys;

/// <summary>The master key, which wraps every other key (section <c>HealthShare:Keys</c>).</summary>
public sealed class KeysOptions
{
    /// <summary>File with the master key, mode 0600. Default <c>master.key</c> in the data folder. Back it up apart from the data.</summary>
    public string? MasterKeyFile { get; set; }

    /// <summary>Environment variable that holds the master key instead of a file. Default none.</summary>
    public string? MasterKeyVariable { get; set; }

    /// <summary>
    /// Files with earlier master keys. While any is named, what they wrapped is wrapped anew at start; then they can be retired.
    /// </summary>
    [Required]
    public IList<string> PreviousMasterKeyFiles { get; } = [];

    /// <summary>
    /// Makes the master key file at the first start, when the database holds no secret yet. Never later: a lost key is an error, not
    /// a reason for a new one. Default true.
    /// </summary>
    public bool CreateMasterKey { get; set; } = true;
}

[OptionsValidator]
internal sealed partial class KeysOptionsValidator : IValidateOptions<KeysOptions>;
