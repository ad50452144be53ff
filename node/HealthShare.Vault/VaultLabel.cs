using System.Text;

namespace HealthShare.Vault;

/// <summary>The labels that keep one use of a key or a hash apart from every other.</summary>
internal static class VaultLabel
{
    public static byte[] Bytes(string label) => Encoding.UTF8.GetBytes(label);
}
