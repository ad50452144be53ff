using System.Text;
using HealthShare.Node.Intake;
using HealthShare.Node.Keys;

namespace HealthShare.Node.Auth.People;

/// <summary>Encrypts people's names for the database, each bound to its row. Thread-safe.</summary>
internal sealed class PersonNames(NodeKeys keys) : IDisposable
{
    // Opened at first use: the node's keys are there once it has started.
    private readonly Lazy<PayloadCipher> cipher = new(() => new PayloadCipher(keys.Subkey("sign-in-names")));

    public byte[] Protect(string name, string id) => cipher.Value.Protect(Encoding.UTF8.GetBytes(name), id, "name");

    /// <exception cref="System.Security.Cryptography.CryptographicException">The bytes were changed, or belong to another row.</exception>
    public string Unprotect(byte[] name, string id) => Encoding.UTF8.GetString(cipher.Value.Unprotect(name, id, "name"));

    public void Dispose()
    {
        if (cipher.IsValueCreated)
            cipher.Value.Dispose();
    }
}
