// The x509 library throws unless this one was loaded before it.
import 'reflect-metadata'

/**
 * Everything that makes certificates. It is a module of its own to be loaded on demand, because it
 * takes 300 ms.
 */
export {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
